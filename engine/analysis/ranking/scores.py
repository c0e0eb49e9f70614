"""Scores over all runs of all sets, as Agarwal et al. (2021, NeurIPS) and their library rliable define them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import Floats

FEWEST = 3
"""Runs that each cell needs for an interval."""
_RESAMPLES = 2000
_CUT = 0.25
_ENDS = (2.5, 97.5)

BySet = Sequence[Floats]
"""A recipe's runs: float64 [runs] for each set."""


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval, which is None with fewer than :data:`FEWEST` runs in a cell."""

    value: float
    low: float | None = None
    high: float | None = None


def interquartile_mean(runs: BySet) -> Score:
    """Return the mean of the middle half of all runs of all sets, in the metric's unit.

    The interval is the percentile interval of a bootstrap stratified by set: runs are drawn again within each set, and
    the sets stay as they are.
    """
    return _score(_middle(np.concatenate(runs)[None, :]),
                  lambda: _middle(np.concatenate([*_resampled(runs, 0)], axis=1)), runs)


def improvement(runs: BySet, others: BySet) -> Score:
    """Return the probability that a run is higher than one of the other recipe on the same set, averaged over sets.

    Equal runs count one half (Mann–Whitney's statistic). Interval as in :func:`interquartile_mean`.
    """
    return _score(_higher([one[None, :] for one in runs], [one[None, :] for one in others]),
                  lambda: _higher(_resampled(runs, 1), _resampled(others, 2)), [*runs, *others])


def _score(value: Floats, resampled: Callable[[], Floats], runs: BySet) -> Score:
    if min(map(len, runs)) < FEWEST:
        return Score(float(value[0]))
    low, high = np.percentile(resampled(), _ENDS)
    return Score(float(value[0]), float(low), float(high))


def _resampled(runs: BySet, seed: int) -> Iterable[Floats]:
    """Yield float64 [resamples, runs] for each set, always the same ones."""
    random = np.random.default_rng(seed)
    for one in runs:
        yield one[random.integers(0, len(one), (_RESAMPLES, len(one)))]


def _middle(runs: Floats) -> Floats:
    """Return the interquartile mean of each row."""
    cut = int(_CUT * runs.shape[1])
    return np.asarray(np.sort(runs, axis=1)[:, cut:runs.shape[1] - cut].mean(axis=1))


def _higher(runs: Iterable[Floats], others: Iterable[Floats]) -> Floats:
    """Return the probability for each row, averaged over sets."""
    by_set = [((one[:, :, None] > other[:, None, :]) + 0.5 * (one[:, :, None] == other[:, None, :])).mean(axis=(1, 2))
              for one, other in zip(runs, others, strict=True)]
    return np.asarray(np.mean(by_set, axis=0))
