"""``Table``: printed texts with the numbers behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

KEPT_OUT, IN_PART = "†", "‡"


@dataclass(frozen=True)
class Cell:
    """A printed value, and the numbers behind it.

    Attributes:
        text: empty if the design has no such cell, ``–`` without results.
        value: the mean or the difference in the metric's unit (accuracies as fractions); a relative difference as a
            share of the subtracted value.
        sd: the standard deviation over two or more seeds (denominator n − 1).
        n: the number of seeds or runs of mean and deviation.
        rounding: largest error from rounded inputs, in the unit of ``value``.
        bold: significantly better than every value it is compared with.
        marks: :data:`KEPT_OUT` if runs with serious findings were excluded or are the only ones; :data:`IN_PART` if
            the average is incomplete.
    """

    text: str = ""
    value: float | None = None
    sd: float | None = None
    n: int = 0
    rounding: float = 0.0
    bold: bool = False
    marks: str = ""


@dataclass(frozen=True)
class Column:
    """A column of values: its heading in each header row, and how its values are printed.

    Attributes:
        scale: factor from the value's unit to the heading's.
        plain: values of cells, not differences of cells.
    """

    headings: tuple[str, ...]
    scale: float = 1.0
    plain: bool = True


@dataclass(frozen=True)
class Row:
    labels: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Heading:
    """A heading over ``span`` columns."""

    text: str
    span: int


@dataclass(frozen=True)
class Table:
    """A table: label columns on the left, values on the right.

    Attributes:
        labels: titles of the label columns.
        notes: sentences printed below.
    """

    title: str
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[tuple[Heading, ...], ...]:
        """The header rows above the values; neighbours with one heading share it."""
        depth = len(self.columns[0].headings) if self.columns else 0
        return tuple(tuple(self._headings(level)) for level in range(depth))

    @property
    def body(self) -> tuple[tuple[str | Cell, ...], ...]:
        """Each row's labels and cells."""
        return tuple((*row.labels, *row.cells) for row in self.rows)

    def where(self, *labels: str) -> Row:
        """Return the row with these labels.

        Raises:
            KeyError: there is none.
        """
        found = next((row for row in self.rows if row.labels == labels), None)
        if found is None:
            raise KeyError(f"no row {labels}")
        return found

    def with_bold(self, places: set[tuple[int, int]]) -> Table:
        """Return the table with the cells at these (row, column) in bold."""
        rows = tuple(replace(row, cells=tuple(replace(cell, bold=(down, across) in places)
                                              for across, cell in enumerate(row.cells)))
                     for down, row in enumerate(self.rows))
        return replace(self, rows=rows)

    def _headings(self, level: int) -> Iterator[Heading]:
        for path, columns in groupby(self.columns, key=lambda column: column.headings[:level + 1]):
            yield Heading(path[-1], len(list(columns)))
