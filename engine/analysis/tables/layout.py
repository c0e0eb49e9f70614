"""The layout of a table: rows, columns, and the study's cells behind each place."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from engine.study.factors import CellKey, fits
from engine.study.study import Study, TableSpec


@dataclass(frozen=True)
class Pick:
    """A column's selection from one factor: level ``a``, or ``a`` minus ``b``, optionally in % of ``b``."""

    factor: str
    a: str
    b: str = ""
    relative: bool = False


@dataclass(frozen=True)
class ColumnPlan:
    """A column: its selection from each column factor, and its metric."""

    picks: tuple[Pick, ...]
    metric: str

    @property
    def plain(self) -> bool:
        return not any(pick.b for pick in self.picks)

    @property
    def relative(self) -> bool:
        return any(pick.relative for pick in self.picks)


@dataclass(frozen=True)
class RowPlan:
    """A row: its level of each row factor, and its cells."""

    levels: dict[str, str]
    cells: tuple[CellKey, ...]


class Layout:
    """The rows and columns of a table over the cells that match ``spec.at``.

    Attributes:
        rows, columns: in printed order.
        averaged: factors that are averaged over.
    """

    def __init__(self, study: Study, spec: TableSpec) -> None:
        self.names = tuple(factor.name for factor in study.varied)
        self.study = study
        self.best_of = spec.best_of
        self.cells = tuple(cell for cell in study.cells if fits(cell, self.names, spec.at))
        self.rows = self._rows(spec)
        self.columns = self._columns(spec)
        shown = {*spec.rows, *spec.columns, *spec.delta, *spec.best_of}
        self.averaged = tuple(name for place, name in enumerate(self.names)
                              if name not in shown and len({cell[place] for cell in self.cells}) > 1)

    def behind(self, row: RowPlan, levels: dict[str, str]) -> tuple[CellKey, ...]:
        """Return the cells of a row with the given levels."""
        return tuple(cell for cell in row.cells if all(self.level(cell, name) == levels[name] for name in levels))

    def level(self, cell: CellKey, factor: str) -> str:
        return cell[self.names.index(factor)]

    def _rows(self, spec: TableSpec) -> list[RowPlan]:
        by = [*spec.order, *(name for name in spec.rows if name not in spec.order)]
        place = {name: {label: at for at, label in enumerate(self.study.factor(name).labels)} for name in by}
        keys = dict.fromkeys(tuple(self.level(cell, name) for name in spec.rows) for cell in self.cells)

        def position(key: tuple[str, ...]) -> list[int]:
            levels = dict(zip(spec.rows, key, strict=True))
            return [place[name][levels[name]] for name in by if name in levels]

        found = [dict(zip(spec.rows, key, strict=True)) for key in sorted(keys, key=position)]
        return [RowPlan(levels, tuple(cell for cell in self.cells if all(
            self.level(cell, name) == label for name, label in levels.items()))) for levels in found]

    def _columns(self, spec: TableSpec) -> list[ColumnPlan]:
        factors = [*spec.columns, *(name for name in spec.delta if name not in spec.columns)]
        choices = [self._picks(name, spec) for name in factors]
        plans = [ColumnPlan(picks, metric) for picks in product(*choices)
                 for metric in spec.metrics or (self.study.metric,)]
        return [plan for plan in plans if self._sensible(plan)]

    def _picks(self, name: str, spec: TableSpec) -> list[Pick]:
        levels = [Pick(name, label) for label in self.study.factor(name).labels] if name in spec.columns else []
        if name not in spec.delta:
            return levels
        a, b = spec.delta[name]
        return [*levels, Pick(name, a, b), *([Pick(name, a, b, relative=True)] if spec.relative else [])]

    def _sensible(self, plan: ColumnPlan) -> bool:
        """Return whether some row has cells for the column; a relative difference needs plain levels."""
        differences = [pick for pick in plan.picks if pick.b]
        if plan.relative and len(differences) > 1:
            return False
        return any(all(self.behind(row, levels) for levels, _ in combinations(plan.picks)) for row in self.rows)


def combinations(picks: Sequence[Pick]) -> list[tuple[dict[str, str], int]]:
    """Return the terms of a column: levels, each with its sign."""
    terms = [[(pick.a, 1), (pick.b, -1)] if pick.b else [(pick.a, 1)] for pick in picks]
    found = []
    for choice in product(*terms):
        sign = 1
        for _, one in choice:
            sign *= one
        found.append(({pick.factor: label for pick, (label, _) in zip(picks, choice, strict=True)}, sign))
    return found
