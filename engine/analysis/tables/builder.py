"""Building a table from a study's outcomes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from engine.analysis.tables.bold import significantly_best
from engine.analysis.tables.figures import Figure, Samples
from engine.analysis.tables.layout import ColumnPlan, Layout, RowPlan, combinations
from engine.analysis.tables.table import IN_PART, KEPT_OUT, Cell, Column, Row, Table
from engine.analysis.tables.wording import (
    decimals_of,
    difference_title,
    digits_of,
    factor_title,
    figure_text,
    join_levels,
    level_title,
    metric_title,
    number,
    unit_of,
)
from engine.catalog.metrics import METRICS, study_metrics
from engine.config import RunConfig
from engine.errors import ConfigError, UserError
from engine.study.configs import cell_options
from engine.study.factors import CellKey, label_of
from engine.study.outcomes import Outcome
from engine.study.study import Study, TableSpec

NOTHING_YET = "–"


def table(study: Study, spec: TableSpec, outcomes: Sequence[Outcome], kept_out: Collection[int] = ()) -> Table:
    """Build the table that ``spec`` describes, from the outcomes so far.

    Args:
        kept_out: ids of excluded runs; their values are shown only in cells without others.

    Raises:
        UserError: ``spec`` names an unknown factor, level, metric or option.
    """
    check_table(study, spec)
    made = _Builder(study, spec, outcomes, kept_out)
    labels = [*map(factor_title, spec.rows), *map(factor_title, spec.options),
              *(["Best: " + " + ".join(factor_title(name).lower() for name in spec.best_of)] if spec.best_of else [])]
    rows = tuple(Row(made.labels(row), tuple(made.cell(row, column) for column in made.layout.columns))
                 for row in made.rows)
    plain = Table(spec.title or made.default_title, tuple(labels), tuple(map(made.column, made.layout.columns)), rows)
    best = significantly_best(study, made.layout, made.rows, plain, outcomes, kept_out)
    table = plain.with_bold(best)
    return replace(table, notes=tuple(made.notes(table)))


def specs_of(study: Study) -> tuple[TableSpec, ...]:
    """Return the tables that a study declares; if none, one with a row per cell."""
    return study.tables or (TableSpec.model_validate({"rows": list(study.factors)}),)


def check_table(study: Study, spec: TableSpec) -> None:
    """Refuse a table that this study cannot have.

    Raises:
        UserError: one line: the key, the value, and what is expected.
    """
    named = {"rows": spec.rows, "columns": spec.columns, "at": spec.at, "delta": spec.delta, "order": spec.order,
             "best_of": spec.best_of}
    for key, names in named.items():
        for name in names:
            if name not in study.factors:
                raise ConfigError(f"tables: {key}", name, f"a factor of the study: {', '.join(study.factors)}")
    for key, name, labels in (*(("at", *item) for item in spec.at.items()),
                              *(("delta", *item) for item in spec.delta.items())):
        for label in labels:
            if label not in study.factors[name]:
                raise ConfigError(f"tables: {key}: {name}", label, f"one of {', '.join(study.factors[name])}")
    for metric in (*spec.metrics, study.metric):
        if metric not in study_metrics():
            raise ConfigError("tables: metrics", metric, f"one of {', '.join(study_metrics())}")
    for option in spec.options:
        if option not in RunConfig.model_fields:
            raise ConfigError("tables: options", option, "an option of a run")
    across = {*spec.columns, *spec.delta}
    for one, other, names in (("rows", "columns and delta", across & {*spec.rows}),
                              ("best_of", "rows, columns and delta", {*spec.best_of} & (across | {*spec.rows}))):
        if names:
            raise UserError(f"tables: {', '.join(sorted(names))} cannot be both in {one} and in {other}")
    if spec.best_of and across:
        raise UserError("tables: best_of shows one cell per row, so columns and delta must be empty")


class _Builder:
    """The state while one table is built."""

    def __init__(self, study: Study, spec: TableSpec, outcomes: Sequence[Outcome], kept_out: Collection[int]) -> None:
        self.study, self.spec = study, spec
        self.layout = Layout(study, spec)
        metrics = {column.metric for column in self.layout.columns} | {(*spec.metrics, study.metric)[0]}
        self.samples = {metric: Samples(outcomes, metric, kept_out) for metric in metrics}
        self.rows = [self._best(row) for row in self.layout.rows] if spec.best_of else self.layout.rows
        counts = {figure.n for row in self.rows for column in self.layout.columns if column.plain
                  if (figure := self._figure(row, column)) is not None}
        self._tell_n = len(counts) > 1

    @property
    def default_title(self) -> str:
        """The metric, if no heading names it."""
        metrics = self.spec.metrics or (self.study.metric,)
        in_headings = len(metrics) > 1 or not (self.spec.columns or self.spec.delta)
        return "" if in_headings else metric_title(metrics[0], self.spec)

    def labels(self, row: RowPlan) -> tuple[str, ...]:
        options = [cell_options(self.study, cell) for cell in row.cells]
        beside = [", ".join(dict.fromkeys(label_of(one.get(name, RunConfig.model_fields[name].default))
                                          for one in options)) for name in self.spec.options]
        best = {name: self.layout.level(row.cells[0], name) for name in self.spec.best_of} if row.cells else {}
        return (*(row.levels[name] for name in self.spec.rows), *beside,
                *([join_levels(self.study, best) if best else NOTHING_YET] if self.spec.best_of else []))

    def column(self, plan: ColumnPlan) -> Column:
        """Return the headings: a level of each column factor, and the metric if there are several or no factors."""
        headings = [difference_title(self.study, plan.metric, pick) if pick.b
                    else level_title(self.study, pick.factor, pick.a) for pick in plan.picks]
        if len(self.spec.metrics) > 1 or not headings:
            headings.append(metric_title(plan.metric, self.spec))
        scale = 100.0 if plan.relative else unit_of(plan.metric, self.spec, difference=not plan.plain).scale
        return Column(tuple(headings), scale, plan.plain)

    def cell(self, row: RowPlan, plan: ColumnPlan) -> Cell:
        terms = [(self.layout.behind(row, levels), sign) for levels, sign in combinations(plan.picks)]
        if not all(cells for cells, _ in terms):
            return Cell(NOTHING_YET if self.spec.best_of else "")
        figure = self._figure(row, plan)
        if figure is None:
            return Cell(NOTHING_YET)
        if plan.relative:
            return self._relative(figure, terms[1][0], plan)
        unit = unit_of(plan.metric, self.spec, difference=not plan.plain)
        digits = digits_of(plan.metric, self.spec, difference=not plan.plain)
        text = figure_text(figure, unit, digits, signed=not plan.plain, with_n=self._tell_n and plan.plain)
        return Cell(text, figure.value, figure.sd, figure.n, figure.rounding, marks=_marks(figure))

    def _figure(self, row: RowPlan, plan: ColumnPlan) -> Figure | None:
        """Return the mean of a place, or the difference of means; None without results."""
        samples = self.samples[plan.metric]
        terms = [(self.layout.behind(row, levels), sign) for levels, sign in combinations(plan.picks)]
        if not all(cells for cells, _ in terms):
            return None
        if plan.plain:
            return samples.mean(terms[0][0])
        return samples.weighted_sum({cell: sign / len(cells) for cells, sign in terms for cell in cells})

    def _relative(self, difference: Figure, below: Sequence[CellKey], plan: ColumnPlan) -> Cell:
        """Return a difference in % of the subtracted value."""
        base = self.samples[plan.metric].mean(below)
        if base is None or not base.value:
            return Cell(NOTHING_YET)
        ratio = difference.value / base.value
        above = difference.rounding - base.rounding
        half = (above + abs(1 + ratio) * base.rounding) / abs(base.value)
        # A quotient is not rounded itself: keep the digits that are larger than the error of its inputs.
        text = number(100 * ratio, min(1, decimals_of(100 * half / 2)), signed=True)
        return Cell(text, ratio, None, difference.n, half, marks=_marks(difference))

    def _best(self, row: RowPlan) -> RowPlan:
        """Reduce a row to the cells of its best combination; to none without results."""
        metric = (*self.spec.metrics, self.study.metric)[0]
        sign = 1 if METRICS[metric].higher_is_better else -1
        groups: dict[tuple[str, ...], list[CellKey]] = {}
        for cell in row.cells:
            groups.setdefault(tuple(self.layout.level(cell, name) for name in self.spec.best_of), []).append(cell)
        found = {key: figure for key, cells in groups.items()
                 if (figure := self.samples[metric].mean(cells)) is not None and not figure.doubtful}
        if not found:
            return RowPlan(row.levels, ())
        return RowPlan(row.levels, tuple(groups[max(found, key=lambda key: sign * found[key].value)]))

    def notes(self, made: Table) -> Iterable[str]:
        """Yield sentences on what the table cannot show."""
        cells = [cell for row in made.rows for cell in row.cells]
        marks = "".join(cell.marks for cell in cells)
        if self.layout.averaged:
            yield f"Averaged over {', '.join(factor_title(name).lower() for name in self.layout.averaged)}."
        if any(cell.bold for cell in cells):
            yield "Bold: significantly better than all values it is compared with, at 5 % across seeds (Holm)."
        if any(cell.sd is not None for cell in cells):
            yield "Mean ± standard deviation (seeds)."
        elif any(cell.n == 1 for cell in cells):
            yield "One run per cell: effects cannot be distinguished from chance."
        for metric, samples in self.samples.items():
            if samples.unmeasured:
                yield (f"{METRICS[metric].title} of {samples.unmeasured} finished runs is unknown: python -m engine "
                       "evaluate RUN measures it again.")
        if KEPT_OUT in marks:
            yield f"{KEPT_OUT} Runs with serious findings are excluded, or are the only ones in a cell."
        if IN_PART in marks:
            yield f"{IN_PART} The average is incomplete: some cells have no run."


def _marks(figure: Figure) -> str:
    return (KEPT_OUT if figure.left_out or figure.doubtful else "") + (IN_PART if figure.missing else "")
