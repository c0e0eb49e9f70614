"""The values that a table prints in bold: those significantly better than all in their group."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from engine.analysis.judging import Verdict, judge
from engine.analysis.tables.layout import Layout, RowPlan
from engine.analysis.tables.table import Table
from engine.catalog.metrics import METRICS
from engine.study.hypothesis import Hypothesis
from engine.study.outcomes import Outcome
from engine.study.study import Study

Place = tuple[int, int]
"""A row and a column, counted from 0."""

TASK_FIELDS = frozenset({"dataset", "data_path", "num_classes", "train_fraction", "val_fraction", "equal_steps"})
"""Options that define the task rather than the recipe; values that differ in them are not compared."""


def significantly_best(study: Study, layout: Layout, rows: Sequence[RowPlan], made: Table,
                       outcomes: Sequence[Outcome], kept_out: Collection[int] = ()) -> set[Place]:
    """Return the places of cells that are the best of their group across seeds, at 5 % with Holm's correction.

    A group is one metric at one level of each factor that defines the task; its best value is compared with the
    others.
    """
    if all(cell.sd is None for row in made.rows for cell in row.cells):
        return set()
    claims = {place: claim for number, group in enumerate(_groups(study, layout, rows).values())
              if (place := _best_place(made, group)) is not None
              and (claim := _claim(layout, group[place], tasks_of(study), f"bold {number}")) is not None}
    if not claims:
        return set()
    verdicts = {judged.hypothesis.name: judged.verdict
                for judged in judge(_reduced_study(study, layout, claims.values()), outcomes, kept_out)}
    return {place for place, claim in claims.items() if verdicts[claim.name] is Verdict.SUPPORTED}


def tasks_of(study: Study) -> set[str]:
    """Return the factors that define the task."""
    return {factor.name for factor in study.varied
            if any(TASK_FIELDS & set(level.options) for level in factor.levels)}


@dataclass(frozen=True)
class _Member:
    """The levels and the metric of one place of a group."""

    levels: dict[str, str]
    metric: str


def _groups(study: Study, layout: Layout, rows: Sequence[RowPlan]) -> dict[tuple[str, ...], dict[Place, _Member]]:
    tasks = tasks_of(study)
    found: dict[tuple[str, ...], dict[Place, _Member]] = {}
    for down, row in enumerate(rows):
        for across, column in enumerate(layout.columns):
            picked = {pick.factor: pick.a for pick in column.picks}
            cells = layout.behind(row, picked)
            if column.plain and cells:
                levels = row.levels | picked | {name: layout.level(cells[0], name) for name in layout.best_of}
                group = (column.metric, *(levels[name] for name in layout.names if name in levels and name in tasks),
                         *(row.levels.values() if layout.best_of else ()))
                found.setdefault(group, {})[down, across] = _Member(levels, column.metric)
    return found


def _best_place(made: Table, group: dict[Place, _Member]) -> Place | None:
    """Return the place of the best value in a group."""
    values = {place: value for place in group
              if (value := made.rows[place[0]].cells[place[1]].value) is not None}
    if not values:
        return None
    sign = 1 if METRICS[next(iter(group.values())).metric].higher_is_better else -1
    return max(values, key=lambda place: sign * values[place])


def _claim(layout: Layout, member: _Member, tasks: set[str], name: str) -> Hypothesis | None:
    """Return the hypothesis that the member is better than all others; None if there are none."""
    held = tasks | (set(member.levels) - set(layout.best_of) if layout.best_of else set())
    best = {factor: label for factor, label in member.levels.items() if factor not in held}
    at = {factor: label for factor, label in member.levels.items() if factor in held}
    same_task = [cell for cell in layout.cells
                 if all(layout.level(cell, factor) == label for factor, label in at.items())]
    if all(layout.level(cell, factor) == label for cell in same_task for factor, label in best.items()):
        return None
    expect = "higher" if METRICS[member.metric].higher_is_better else "lower"
    return Hypothesis.model_validate({"name": name, "kind": "best", "best": best, "at": at, "expect": expect,
                                      "metric": member.metric, "margin": 0.0})


def _reduced_study(study: Study, layout: Layout, claims: Iterable[Hypothesis]) -> Study:
    """Return the study reduced to the cells of the table, with these claims as hypotheses."""
    only = [{name: [label] for name, label in zip(layout.names, cell, strict=True)} for cell in layout.cells]
    declared = study.model_dump() | {"only": only, "leave_out": (), "hypotheses": tuple(claims)}
    return Study.model_validate(declared)
