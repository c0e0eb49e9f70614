"""Three tests of a contrast across seeds; the seeds alone decide which one applies, never the values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, stdtridf, stdtrit

from engine.analysis.judging.pictures import picture_error
from engine.analysis.judging.sample import CellRuns, Sample
from engine.evaluation.metrics import Floats
from engine.study.factors import CellKey

TESTS: dict[str, str] = {
    "paired": "Paired t: every cell has the same seeds, so the contrast is computed seed by seed (Student, 1908).",
    "mixed": "Linear mixed model with a random intercept for the seed, by REML, if cells share some of their seeds; "
             "t with containment degrees of freedom (runs minus the joint rank of cells and seeds), or with Welch's "
             "if those are fewer.",
    "welch": "Welch's t: cells share no seeds, or their seeds are unknown; each cell has its own spread "
             "(Welch, 1947; Satterthwaite, 1946).",
}
_FEW = 4
_QUANTILE = 0.975
_NO_SPREAD = 1e-9
"""Relative to the values: smaller spreads are floating-point errors."""


@dataclass(frozen=True)
class Fitted:
    """A contrast's estimate; if it cannot be tested, ``test`` is empty and ``untested`` gives the reason.

    ``value`` is None if a cell has no run; ``error`` (standard error) and ``df`` are positive if it is tested. The
    error counts the chance of ``pictures`` test pictures, alone ``picture_error``; if it does not, both are 0.
    """

    value: float | None
    error: float = 0.0
    df: float = 0.0
    test: str = ""
    untested: str = ""
    pictures: int = 0
    picture_error: float = 0.0

    @property
    def picture_share(self) -> float:
        """Share of the variance by the test pictures, 0–1."""
        return (self.picture_error / self.error) ** 2 if self.error else 0.0


def fit(weights: Mapping[CellKey, float], sample: Sample) -> Fitted:
    """Estimate the contrast and its standard error, by the test that the seeds allow.

    Where the values of single test pictures are known, the error counts them as a sample as well. Every cell needs
    two runs, because the spread of a recipe cannot be inferred from other recipes.
    """
    cells = {cell: sample[cell] for cell in weights}
    if any(not len(runs) for runs in cells.values()):
        return Fitted(None, untested="missing")
    value = sum(weight * float(cells[cell].values.mean()) for cell, weight in weights.items())
    if any(len(runs) < 2 for runs in cells.values()):
        return Fitted(value, untested="one run")
    fitted = _TESTS[_design(cells)](weights, cells)
    size = max(float(np.abs(runs.values).max()) for runs in cells.values())
    if fitted is None:
        return Fitted(value, untested="few shared")
    if fitted.error <= _NO_SPREAD * size:
        return Fitted(value, untested="no spread")
    return _with_pictures(fitted, weights, cells)


def _with_pictures(fitted: Fitted, weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> Fitted:
    """Add the variance by the test pictures; degrees of freedom by Satterthwaite (1946).

    They are fewer if the interval would else be narrower than by the seeds alone, as with two or three seeds.
    """
    found = picture_error(weights, cells)
    if found is None:
        return fitted
    seeds, pictures = fitted.error**2, found.error**2
    error = (seeds + pictures) ** 0.5
    df = (seeds + pictures) ** 2 / (seeds**2 / fitted.df + pictures**2 / (found.pictures - 1))
    alone = float(stdtrit(fitted.df, _QUANTILE)) * fitted.error / error
    if float(stdtrit(df, _QUANTILE)) < alone:
        df = float(stdtridf(_QUANTILE, alone))
    return replace(fitted, error=error, df=df, pictures=found.pictures, picture_error=found.error)


def effect_size(value: float, weights: Mapping[CellKey, float], sample: Sample) -> float | None:
    """Return Hedges' g (1981): the contrast over the root mean square of its cells' spreads, corrected for few runs.

    None if there is no spread, or fewer than two degrees of freedom.
    """
    spreads = [(len(sample[cell]) - 1, sample[cell].spread) for cell in weights]
    squares = sum(df * spread**2 for df, spread in spreads if spread is not None)
    df = sum(df for df, spread in spreads if spread is not None)
    if df < 2 or squares <= 0:
        return None
    correction = float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2))) / np.sqrt(df / 2)
    return float(value / np.sqrt(squares / df) * correction)


def _design(cells: Mapping[CellKey, CellRuns]) -> str:
    seeds = [set(runs.seeded) for runs in cells.values()]
    if any(runs.unseeded for runs in cells.values()) or sum(map(len, seeds)) == len(set().union(*seeds)):
        return "welch"
    return "paired" if all(each == seeds[0] for each in seeds) else "mixed"


def _paired(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> Fitted:
    by_seed = sum((weight * cells[cell].values for cell, weight in weights.items()), np.zeros(1))
    count = len(by_seed)
    return Fitted(float(by_seed.mean()), float(by_seed.std(ddof=1)) / count**0.5, count - 1, "paired")


def _welch(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> Fitted:
    scale = np.array(list(weights.values()))
    means = np.array([cells[cell].values.mean() for cell in weights])
    counts = {len(runs) for runs in cells.values()}
    error, df = satterthwaite(weights, cells)
    # With unequal repeats and two or three in a cell, the approximation has up to twice the nominal error rate.
    if len(counts) > 1 and min(counts) < _FEW:
        df = min(df, min(counts) - 1)
    return Fitted(float(scale @ means), error, df, "welch")


def satterthwaite(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns], *,
                  per_run: bool = False) -> tuple[float, float]:
    """Return standard error (``per_run``: of one run a cell) and degrees of freedom, with a spread for each cell."""
    counts = np.array([len(cells[cell]) for cell in weights])
    variances = np.array([(weight * (cells[cell].spread or 0.0)) ** 2 for cell, weight in weights.items()])
    variances /= 1 if per_run else counts
    total = float(variances.sum())
    return total**0.5, total**2 / float((variances**2 / (counts - 1)).sum()) if total > 0 else 1.0


def _mixed(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> Fitted | None:
    """Fit the mixed model; return None if there are too few runs to separate seeds from cells."""
    figures = np.concatenate([cells[cell].values for cell in weights])
    counts = np.array([len(cells[cell]) for cell in weights])
    place = np.repeat(np.arange(len(weights)), counts)
    seed = np.concatenate([list(cells[cell].seeded) for cell in weights])
    fixed = (place[:, None] == np.arange(len(weights))).astype(np.float64)
    shared = (seed[:, None] == np.unique(seed)).astype(np.float64)
    df = len(figures) - int(np.linalg.matrix_rank(np.hstack([fixed, shared])))
    if df < 1:
        return None
    ratio = variance_ratio(figures, fixed, shared)
    means, covariance = _generalised(figures, fixed, np.eye(len(figures)) + ratio * shared @ shared.T)
    scale = np.array(list(weights.values()))
    # The model fits one spread for all cells; if spreads differ, it overstates the degrees of freedom.
    own = satterthwaite(weights, cells)[1]
    return Fitted(float(scale @ means), max(float(scale @ covariance @ scale), 0.0) ** 0.5,
                  min(df, own), "mixed")


def variance_ratio(figures: Floats, fixed: Floats, shared: Floats) -> float:
    """Return the REML estimate of the variance between seeds over that within seeds, for a random intercept.

    In the eigenvectors of the seed covariance, projected on the residuals of the cell means, the likelihood is a sum.

    Args:
        figures: float64 [n].
        fixed, shared: float64 [n, cells] and [n, seeds], one 1 in each row.
    """
    left_over = np.linalg.qr(fixed, mode="complete")[0][:, fixed.shape[1]:]
    roots, turn = np.linalg.eigh(left_over.T @ shared @ shared.T @ left_over)
    squares = (turn.T @ left_over.T @ figures) ** 2
    if squares.sum() <= 0:
        return 0.0

    def deviance(share: float) -> float:
        spreads = 1 - share + share * np.maximum(roots, 0.0)
        return float(np.log(spreads).sum() + len(roots) * np.log((squares / spreads).sum()))

    found = minimize_scalar(deviance, bounds=(0.0, 1 - 1e-6), method="bounded", options={"xatol": 1e-5})
    share = float(found.x) if found.fun < deviance(0.0) else 0.0
    return share / (1 - share)


def _generalised(figures: Floats, fixed: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Fit generalised least squares: return the coefficients and their estimated covariance."""
    weighed = np.linalg.solve(spread, fixed)
    covariance = np.linalg.inv(fixed.T @ weighed)
    means = covariance @ (weighed.T @ figures)
    left = figures - fixed @ means
    variance = float(left @ np.linalg.solve(spread, left)) / (len(figures) - fixed.shape[1])
    return means, covariance * variance


_TESTS = {"paired": _paired, "mixed": _mixed, "welch": _welch}


def holm(p: Sequence[float]) -> list[float]:
    """Return p values adjusted by Holm's method, in the given order."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p)[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]
