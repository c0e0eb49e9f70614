"""What a study's other cells tell of a cell with a single run."""

from collections.abc import Sequence
from statistics import median

import numpy as np
from scipy.optimize import linprog

from engine.analysis.doctor.finding import Finding
from engine.evaluation.metrics import Floats
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from engine.study.study import Study
from engine.words import percent

RULE = "unlike-its-factors"
_FALLEN = np.log(4)
_SPREADS = 3.0
_FREE = 8
_CLIP = 1e-4


def unlike_their_factors(study: Study, outcomes: Sequence[Outcome]) -> list[Finding]:
    """Single runs far below what their levels reach in other cells.

    Far: odds of being right less than a quarter of what the levels have elsewhere, added up on the log odds by least
    absolute deviations, which a few broken cells do not move, and three robust spreads (1.4826 MAD) of the other cells
    below. That may be an interaction as well as a mistake, which one run cannot tell: a finding that is not serious. A
    cell with repeats is left to its effect; its runs are held against each other.
    """
    by_cell: dict[CellKey, list[Outcome]] = {}
    for outcome in outcomes:
        if "top1" in outcome.metrics:
            by_cell.setdefault(outcome.cell, []).append(outcome)
    cells = list(by_cell)
    shares = np.array([median(each.metrics["top1"] for each in by_cell[cell]) for cell in cells]).clip(_CLIP, 1 - _CLIP)
    design = _design(cells)
    if not cells or len(cells) - design.shape[1] < _FREE:
        return []
    odds = np.log(shares / (1 - shares))
    left = odds - design @ _least_absolute(design, odds)
    spread = 1.4826 * float(np.median(np.sort(np.abs(left))[design.shape[1]:]))
    expected = 1 / (1 + np.exp(left - odds))
    return [_finding(by_cell[cell][0], float(shares[at]), float(expected[at])) for at, cell in enumerate(cells)
            if len(by_cell[cell]) == 1 and left[at] < -max(_FALLEN, _SPREADS * spread)]


def _finding(outcome: Outcome, share: float, expected: float) -> Finding:
    return Finding(outcome.run, RULE, f"test accuracy {percent(share)} is far below the {percent(expected)} that its "
                   "levels make likely from the other cells: a broken run, or factors that act otherwise together; "
                   "another seed would tell", serious=False)


def _design(cells: Sequence[CellKey]) -> Floats:
    """float64 [N, 1 + levels − factors]: an intercept, and a column for each level but the first of its factor."""
    columns = [np.ones(len(cells))]
    for labels in zip(*cells, strict=True):
        columns += [np.array([label == level for label in labels], float) for level in sorted(set(labels))[1:]]
    return np.stack(columns, axis=1)


def _least_absolute(design: Floats, values: Floats) -> Floats:
    """The coefficients with the least sum of absolute residuals, as a linear program."""
    count, free = design.shape
    parts = np.hstack([design, np.eye(count), -np.eye(count)])
    cost = np.concatenate([np.zeros(free), np.ones(2 * count)])
    bounds = [(None, None)] * free + [(0, None)] * (2 * count)
    found: Floats = linprog(cost, A_eq=parts, b_eq=values, bounds=bounds).x[:free]
    return found
