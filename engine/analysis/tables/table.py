"""``Table``: what is printed, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

KEPT_OUT, IN_PART = "†", "‡"


@dataclass(frozen=True)
class Cell:
    """One figure as it is printed, and what it was printed from.

    Attributes:
        text: empty where the design has no such cell, ``–`` where nothing is there yet.
        value: the mean in the metric's own unit (accuracies as fractions), or the difference; of a relative
            difference, the share of what is subtracted.
        sd: the standard deviation over seeds (n − 1 below), where there are two or more.
        n: how many seeds or runs the mean and the deviation are of.
        rounding: half-width of what the inputs' own rounding leaves open, in the unit of ``value``.
        bold: significantly better than every other figure that it is compared with.
        marks: :data:`KEPT_OUT` where runs with serious findings were left out, or where there are no others;
            :data:`IN_PART` where some of what is averaged over is missing.
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
    """One column of figures: its heading in each header row, and how its values are printed.

    Attributes:
        scale: what a value is multiplied by to be what the heading's unit says.
        plain: the figure of a cell; otherwise a difference of cells.
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
    """A table: label columns to the left, figures to the right.

    Attributes:
        labels: titles of the label columns.
        notes: sentences to be printed below.
    """

    title: str
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[tuple[Heading, ...], ...]:
        """The header rows over the figures; neighbours under one heading share it."""
        depth = len(self.columns[0].headings) if self.columns else 0
        return tuple(tuple(self._headings(level)) for level in range(depth))

    @property
    def body(self) -> tuple[tuple[str | Cell, ...], ...]:
        """Each row's labels and cells."""
        return tuple((*row.labels, *row.cells) for row in self.rows)

    def where(self, *labels: str) -> Row:
        """The row with these labels.

        Raises:
            KeyError: there is none.
        """
        found = next((row for row in self.rows if row.labels == labels), None)
        if found is None:
            raise KeyError(f"no row {labels}")
        return found

    def with_bold(self, places: set[tuple[int, int]]) -> Table:
        """The same with the cells at these (row, column) in bold."""
        rows = tuple(replace(row, cells=tuple(replace(cell, bold=(down, across) in places)
                                              for across, cell in enumerate(row.cells)))
                     for down, row in enumerate(self.rows))
        return replace(self, rows=rows)

    def _headings(self, level: int) -> Iterator[Heading]:
        for path, columns in groupby(self.columns, key=lambda column: column.headings[:level + 1]):
            yield Heading(path[-1], len(list(columns)))
