"""A CSV file as rows of text."""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.errors import UserError
from engine.files import read_text
from engine.imports.columns import key_of

_SNIFFED = 8192
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Sheet:
    """A header and rows of the same length.

    Attributes:
        lines: the line of the file on which each row ends, from 1.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The header, normalised by :func:`engine.imports.columns.key_of`."""
        return tuple(map(key_of, self.header))

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.rows]


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file, separated by commas, semicolons or tabs, in UTF-8 or Windows-1252.

    Raises:
        UserError: it cannot be read, has no rows, has two columns of one name, or a row of another length.
    """
    try:
        text = read_text(path)
        rows = csv.reader(text.splitlines(keepends=True), _dialect(text))
        numbered = [(rows.line_num, tuple(cell.strip() for cell in row)) for row in rows if any(map(str.strip, row))]
    except OSError as error:
        raise UserError(f"import: cannot read {path}: {error.strerror}") from None
    except csv.Error as error:
        raise UserError(f"import: {path} is not a CSV file: {error}") from None
    if len(numbered) < 2:
        raise UserError(f"import: {path} has no rows below its header")
    header = numbered[0][1]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"import: {path} has two columns {twice!r}")
    for line, row in numbered[1:]:
        if len(row) != len(header):
            raise UserError(f"import: {path}: line {line} has {len(row)} cells, the header has {len(header)}")
    return Sheet(path, header, tuple(row for _, row in numbered[1:]), tuple(line for line, _ in numbered[1:]))


def _dialect(text: str) -> type[csv.Dialect]:
    """Choose the separator that is most frequent in the header."""
    header = text[:_SNIFFED].splitlines()[0] if text.strip() else ""

    class Found(csv.excel):
        delimiter = max(_SEPARATORS, key=header.count)

    return Found
