"""A table of text, from a CSV file as programs and people write them, or from JSON."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from engine.errors import UserError
from engine.files import decoded, read_regular
from engine.imports.cells import decimal_of, is_empty, number, seconds
from engine.imports.columns import cell_of, key_of, option_of_column
from engine.imports.meanings import Choices, meaning_of

_LARGEST = 64 << 20
_SEPARATORS = ",;\t|"
_TOTALS = {"total", "totals", "mean", "average", "avg", "sum", "std", "stdev", "dev", "deviation", "standard", "sd",
           "sem", "median", "min", "max", "best", "worst", "overall", "gesamt", "mittelwert", "평균", "합계"}
_JSON = (".json", ".jsonl", ".ndjson")
_LINES = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")  # a JSON object a line, as Detectron2's metrics.json
_MOST_CELLS = 10_000_000


@dataclass(frozen=True)
class Sheet:
    """A header and rows of the same length.

    Attributes:
        lines: the line of the file on which each row ends, from 1.
        decimal: how its numbers are read; see :func:`engine.imports.cells.number`.
        notes: what was decided while it was read.
        left_out: by title, why a column was left out.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal: str = "point"
    notes: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The header, normalised by :func:`engine.imports.columns.key_of`."""
        return tuple(map(key_of, self.header))

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.rows]

    def where(self, row: int) -> str:
        return f"{self.path.name}: line {self.lines[row]}"

    def find(self, *keys: str) -> int | None:
        """Return the place of the first of these columns that is there."""
        return next((self.keys.index(key) for key in keys if key in self.keys), None)


def read_sheet(path: Path, choices: Choices | None = None) -> Sheet:
    """Read a table: its encoding and separator, its header, the rows below it, and what its decimals look like.

    Raises:
        UserError: it cannot be read or has no rows, a row has another length, or its encoding or decimals can be read
            in two ways.
    """
    choices = choices or Choices()
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(f"import: {path} is larger than {_LARGEST >> 20} MiB; import a part of it")
        text, encoding = decoded(read_regular(path), choices.encoding)
    except OSError as error:
        raise UserError(f"import: cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        how = "say which" if " or " in str(error) else "name its encoding, such as cp1250, gb18030 or shift_jis,"
        raise UserError(f"import: {path} {error}; {how} by --encoding") from None
    if path.suffix.lower() in _JSON:
        return _of_json(path, text)
    try:
        numbered, separator, comments = _split(text)
    except csv.Error as error:
        raise UserError(f"import: {path} is not a CSV file: {error}") from None
    found = _unheaded(path, numbered)
    notes = [f"{path.name}: {comments} line{'s' * (comments != 1)} of comments left out."] if comments else []
    notes += [f"{path.name}: read as {encoding}, the only one of the common encodings that fits."] * (
        encoding.startswith("cp") and not choices.encoding)
    for clean in (_without_rules, _turned, _second_header, _without_repeats, _without_totals, _without_twins, _filled):
        found = clean(found)
    mark, note = (choices.decimal, "") if choices.decimal else decimal_of(
        (cell for row in found.rows for cell in row), separator, path.name)
    return replace(found, decimal=mark, notes=(*notes, *found.notes, *([note] if note else [])))


def _split(text: str) -> tuple[list[tuple[int, list[str]]], str, int]:
    """Split a text into numbered rows that are not blank; also return the separator and the number of comments."""
    lines = text.splitlines(keepends=True)
    named = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE) if lines else None
    skip = 1 if named else 0
    remarks = [place for place, line in enumerate(lines) if line.lstrip().startswith("#")]
    rest = [line for line in lines[skip:] if not line.lstrip().startswith("#")]
    counted = Counter(mark for line in rest[:20] for mark in set(line) & set(_SEPARATORS))
    separator = named[1] if named else max(_SEPARATORS, key=lambda mark: (
        counted[mark], sum(line.count(mark) for line in rest[:1]), mark != ","))
    if separator == "," and counted[";"] == counted[","]:
        separator = ";"
    # A header may itself look like a comment: np.savetxt writes "# epoch,loss".
    first = next((line for line in rest if line.strip()), "")
    headed = remarks and first and all(number(cell.strip()) for cell in first.split(separator)) \
        and lines[remarks[-1]].count(separator) == first.count(separator)
    kept = {*range(skip, len(lines))} - {*remarks} | ({remarks[-1]} if headed else set())
    chosen = [line.lstrip("# ") if headed and place == remarks[-1] else line if place in kept else "\n"
              for place, line in enumerate(lines)]
    reader = csv.reader(chosen, delimiter=separator, skipinitialspace=True)
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    return rows, separator, len(remarks) - bool(headed)


def _unheaded(path: Path, numbered: list[tuple[int, list[str]]]) -> Sheet:
    """Find the header: the first row as wide as the table with a text in it; titles of the table stand above it."""
    widths = Counter(len([cell for cell in row if cell]) for _, row in numbered)
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    at = next((place for place, (_, row) in enumerate(numbered) if 2 * len([cell for cell in row if cell]) > usual
               and not all(map(_is_value, filter(None, row)))), None)
    if at is None or len(numbered) < at + 2:
        raise UserError(f"import: {path} has no rows below its header")
    header = numbered[at][1][:max(len(_trimmed(row)) for _, row in numbered[at:])]
    _bounded(path, len(numbered), len(header))
    rows: list[tuple[str, ...]] = []
    lines, cut = [], ""
    for line, row in numbered[at + 1:]:
        cells = _trimmed(row)
        if len(cells) > len(header):
            raise UserError(f"import: {path}: line {line} has {len(cells)} cells, the header has {len(header)}")
        if len(row) < len(header) and line == numbered[-1][0] and len(rows):
            cut = f"{path.name}: line {line} left out: it has {len(row)} cells of {len(header)}, as if cut off."
            continue
        rows.append((*cells, *[""] * (len(header) - len(cells))))
        lines.append(line)
    notes = [f"{path.name}: {at} line{'s' * (at != 1)} above the header left out."] if at else []
    return Sheet(path, tuple(header), tuple(rows), tuple(lines), notes=(*notes, *([cut] if cut else [])))


def _without_rules(sheet: Sheet) -> Sheet:
    """Leave out the rule below the header of a table in Markdown."""
    return _only(sheet, lambda row: not all(re.fullmatch(r":?-{2,}:?", cell) for cell in row if cell),
                 "a rule below the header")


def _turned(sheet: Sheet) -> Sheet:
    """Turn a table whose first column has the titles: it names figures, and the header names none."""
    titles = sheet.column(0)
    if len({*titles}) < len(titles) or any(meaning_of(title).metric for title in sheet.header[1:]) \
            or not any(meaning_of(title).metric for title in titles) or len(sheet.header) < 2:
        return sheet
    rows = tuple((title or f"column {place + 1}", *sheet.column(place))
                 for place, title in enumerate(sheet.header) if place)
    return replace(sheet, header=("name", *titles), rows=rows, lines=(sheet.lines[0] - 1,) * len(rows), notes=(
        *sheet.notes, f"{sheet.path.name}: its titles stand in the first column: each other column is read as a run."))


def _second_header(sheet: Sheet) -> Sheet:
    """Join a second row of titles or units to the first: texts where all below are numbers."""
    below = sheet.rows[1:]
    numeric = [place for place in range(len(sheet.header)) if below and any(_is_value(row[place]) for row in below)
               and all(_is_value(row[place]) or is_empty(row[place]) for row in below)]
    second = sheet.rows[0]
    titled = [place for place in numeric if second[place] and not is_empty(second[place])]
    if not titled or any(_is_value(second[place]) for place in numeric) or 2 * len(titled) < len(numeric):
        return sheet
    above, last = [], ""
    for title in sheet.header:
        last = title or last
        above.append(last)
    header = tuple(f"{one} {two}".strip() if place in numeric else one or two
                   for place, (one, two) in enumerate(zip(above, second, strict=True)))
    return replace(sheet, header=header, rows=below, lines=sheet.lines[1:], notes=(
        *sheet.notes, f"{sheet.path.name}: line {sheet.lines[0]} is read as part of the header."))


def _without_repeats(sheet: Sheet) -> Sheet:
    """Leave out headers that are repeated below, as programs write when they begin anew."""
    return _only(sheet, lambda row: row != sheet.header, "the header again")


def _without_totals(sheet: Sheet) -> Sheet:
    """Leave out totals: rows below the table that begin with such a word, or have it among a column's numbers."""
    last = next((len(sheet.rows) - place for place, row in enumerate(reversed(sheet.rows))
                 if not _is_total(next(filter(None, row), ""))), 0)
    totals = set(sheet.rows[last:] if last else ())
    numeric = [place for place in range(len(sheet.header)) if 2 * sum(map(_is_value, sheet.column(place))) > sum(
        map(bool, sheet.column(place))) or option_of_column(sheet.keys[place]) == "seed"]
    return _only(sheet, lambda row: row not in totals and not any(_is_total(row[place]) for place in numeric),
                 "totals below the table")


def _is_total(text: str) -> bool:
    if text[:1].isdigit():  # for speed: most cells
        return False
    return bool(words := key_of(text).split("_")) and _TOTALS.issuperset(words)


def _only(sheet: Sheet, keep: Callable[[tuple[str, ...]], bool], what: str) -> Sheet:
    keeps = list(map(keep, sheet.rows))
    if all(keeps):
        return sheet
    kept = [place for place, keeps_it in enumerate(keeps) if keeps_it]
    left = [str(line) for line, keeps_it in zip(sheet.lines, keeps, strict=True) if not keeps_it]
    note = f"{sheet.path.name}: line{'s' * (len(left) > 1)} {', '.join(left)} left out: {what}."
    return replace(sheet, rows=tuple(sheet.rows[place] for place in kept),
                   lines=tuple(sheet.lines[place] for place in kept), notes=(*sheet.notes, note))


def _without_twins(sheet: Sheet) -> Sheet:
    """Keep one of several columns that are the same; leave out those of one title that differ, and rows' numbers."""
    columns: dict[str, list[int]] = {}
    for place, title in enumerate(sheet.header):
        # pandas calls the second of two columns "acc" acc.1.
        bare = re.sub(r"\.[1-9]$", "", title)
        columns.setdefault(bare if bare in sheet.header else title, []).append(place)
    left: dict[int, str] = {}
    for title, places in columns.items():
        if not title or re.fullmatch(r"Unnamed: \d+(_level_\d+)?", title):
            left |= dict.fromkeys(places, "")
        elif len(places) > 1:
            same = len({tuple(sheet.column(place)) for place in places}) == 1
            left |= dict.fromkeys(places[1:] if same else places, "" if same else f"two columns {title!r} differ")
    names = [title or "a column without a title" for title in sheet.header]
    kept = [place for place in range(len(names)) if place not in left]
    reasons = {names[place]: why or "it has no title of its own" for place, why in left.items()
            if why or not _counts(sheet.column(place))}
    return replace(sheet, header=tuple(names[place] for place in kept), left_out=reasons,
                   rows=tuple(tuple(row[place] for place in kept) for row in sheet.rows))


def _counts(cells: Sequence[str]) -> bool:
    """Return whether cells are empty, or the numbers of their rows."""
    return not any(cells) or any(list(cells) == [str(place + start) for place in range(len(cells))] for start in (0, 1))


def _filled(sheet: Sheet) -> Sheet:
    """Fill gaps in the first column of words: merged cells have their text in the first row only."""
    cells = sheet.column(0) if sheet.header else []
    gaps = sum(not cell for cell in cells)
    if not gaps or not cells[0] or any(map(_is_value, cells)) or gaps < len(cells) / 3:
        return sheet
    filled, last = [], ""
    for row in sheet.rows:
        last = row[0] or last
        filled.append((last, *row[1:]))
    return replace(sheet, rows=tuple(filled), notes=(*sheet.notes, f"{sheet.header[0]}: {gaps} empty cells are read as "
                   f"the cell above, as merged ones; --column {sheet.header[0]!r}=skip leaves the column out."))


def _trimmed(cells: list[str]) -> list[str]:
    return cells[:max((place for place, cell in enumerate(cells, 1) if cell), default=0)]


def _bounded(path: Path, rows: int, columns: int) -> None:
    if rows * columns > _MOST_CELLS:
        raise UserError(f"import: {path} has {rows:,} rows of {columns:,} columns; import a part of it")


def _is_value(text: str) -> bool:
    return number(text) is not None or seconds(text) is not None


def _of_json(path: Path, text: str) -> Sheet:
    """Read a list of records, one record a line, a list by title, or the ``log_history`` of a trainer's state."""
    try:
        content = json.loads(text) if path.suffix.lower() == ".json" and not _LINES.match(text) else [
            json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise UserError(f"import: {path} is not JSON: {error}") from None
    content = content.get("log_history", content) if isinstance(content, dict) else content
    if isinstance(content, dict) and content and all(isinstance(each, list) for each in content.values()):
        longest = max(map(len, content.values()))
        _bounded(path, longest, len(content))
        content = [{title: each[row] for title, each in content.items() if row < len(each)} for row in range(longest)]
    content = [content] if isinstance(content, dict) else content
    records = [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []
    titles = list(dict.fromkeys(title for record in records for title in record))
    if not titles:
        raise UserError(f"import: {path} holds no records of values by name")
    _bounded(path, len(records), len(titles))
    rows = tuple(tuple(cell_of(record.get(title)) for title in titles) for record in records)
    return Sheet(path, tuple(titles), rows, tuple(range(1, len(rows) + 1)))


