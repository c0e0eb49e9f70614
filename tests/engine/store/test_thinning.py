"""A thinned curve keeps its ends, its extremes and its gaps."""

from __future__ import annotations

import numpy as np
import pytest

from engine.store.thinning import thinned


def test_a_short_curve_is_left_alone() -> None:
    column = np.arange(10), np.arange(10.0)
    assert thinned(column, 10) is column


@pytest.mark.parametrize("points", [10, 100, 1000])
def test_a_long_curve_has_as_many_points_as_asked_and_keeps_ends_and_extremes(points: int) -> None:
    steps = np.arange(0, 300_000, 3)
    values = np.random.default_rng(0).normal(size=100_000)
    values[51_234], values[77_777] = 50, -50
    kept_steps, kept = thinned((steps, values), points)
    assert len(kept) == points and np.all(np.diff(kept_steps) > 0)
    assert (kept_steps[0], kept_steps[-1]) == (0, 299_997)
    assert (kept.max(), kept.min()) == (50, -50)
    assert np.array_equal(kept, values[kept_steps // 3])


def test_gaps_stay_gaps_and_the_limit_holds() -> None:
    values = np.sin(np.arange(10_000) / 100)
    values[3000:4000] = np.nan
    values[9000] = np.inf
    steps, kept = thinned((np.arange(10_000), values), 100)
    assert len(kept) <= 100
    assert np.isnan(kept).sum() == 1 and np.isnan(kept[np.searchsorted(steps, 3000)])


def test_uneven_steps_are_thinned_by_step_not_by_position() -> None:
    steps = np.concatenate([np.arange(10_000), np.arange(10_000, 1_000_000, 1000)])
    kept, _ = thinned((steps, np.random.default_rng(0).normal(size=len(steps))), 100)
    assert (kept > 10_000).sum() > 80


def test_a_curve_of_gaps_only() -> None:
    steps, kept = thinned((np.arange(5000), np.full(5000, np.nan)), 100)
    assert list(steps) == [0] and np.isnan(kept[0])
