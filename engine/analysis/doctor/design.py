"""A rule about cells with a single run, judged by the other cells of the study."""

from collections.abc import Sequence
from statistics import median

import numpy as np

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


def find_unlike_factors(study: Study, outcomes: Sequence[Outcome]) -> list[Finding]:
    """Find single runs far below what their levels predict from other cells.

    An additive model of the log odds is fitted by least absolute deviations, which a few broken cells do not move. Far
    means odds below a quarter of the prediction, and three robust spreads (1.4826 MAD) of the other cells below it.
    The cause may be an interaction as well as a mistake, which one run cannot distinguish, so the finding is not
    serious. Cells with repeats are not examined: their runs are compared with each other.
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
    residuals = odds - design @ _least_absolute(design, odds)
    spread = 1.4826 * float(np.median(np.sort(np.abs(residuals))[design.shape[1]:]))
    expected = 1 / (1 + np.exp(residuals - odds))
    return [_finding(by_cell[cell][0], float(shares[at]), float(expected[at])) for at, cell in enumerate(cells)
            if len(by_cell[cell]) == 1 and residuals[at] < -max(_FALLEN, _SPREADS * spread)]


def _finding(outcome: Outcome, share: float, expected: float) -> Finding:
    return Finding(outcome.run, RULE, f"test accuracy {percent(share)} is far below the {percent(expected)} that the "
                   "other cells predict for its levels: either a broken run or an interaction of factors; run another "
                   "seed to find out", serious=False)


def _design(cells: Sequence[CellKey]) -> Floats:
    """Return the design matrix, float64 [N, 1 + levels − factors]: an intercept, and dummy columns for the levels."""
    columns = [np.ones(len(cells))]
    for labels in zip(*cells, strict=True):
        columns += [np.array([label == level for label in labels], float) for level in sorted(set(labels))[1:]]
    return np.stack(columns, axis=1)


def _least_absolute(design: Floats, values: Floats) -> Floats:
    """Return the coefficients with the least sum of absolute residuals, by linear programming."""
    from scipy.optimize import linprog  # takes half a second, which trainers and most pages need not wait for

    count, free = design.shape
    parts = np.hstack([design, np.eye(count), -np.eye(count)])
    cost = np.concatenate([np.zeros(free), np.ones(2 * count)])
    bounds = [(None, None)] * free + [(0, None)] * (2 * count)
    found: Floats = linprog(cost, A_eq=parts, b_eq=values, bounds=bounds).x[:free]
    return found
