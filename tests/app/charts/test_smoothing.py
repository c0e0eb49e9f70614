"""Smoothing, best so far, and robust ranges, by known values."""

from __future__ import annotations

import numpy as np
import pytest

from app.charts.smoothing import best_so_far, robust_range, smooth


def _as_published(x: list[float], y: list[float], weight: float) -> list[float]:
    """The moving average as its documentation defines it, point by point."""
    factor, last, debias, found = min(weight ** 0.5, 0.999), 0.0, 0.0, []
    for place, value in enumerate(y):
        change = 1000 * (x[place] - x[max(place - 1, 0)]) / (x[-1] - x[0])
        last = last * factor ** change + value
        debias = debias * factor ** change + 1
        found.append(last / debias)
    return found


@pytest.mark.parametrize("weight", [0.001, 0.3, 0.6, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("points", [2, 3, 50, 5000])
def test_smoothing_is_the_published_average(weight: float, points: int) -> None:
    random = np.random.default_rng(points)
    x, y = np.cumsum(random.uniform(0.1, 5, points)), random.normal(size=points)
    np.testing.assert_allclose(smooth(x, y, weight), _as_published(x.tolist(), y.tolist(), weight), rtol=1e-9,
                               atol=1e-12)


def test_two_points_far_apart_stay_and_neighbours_are_averaged() -> None:
    np.testing.assert_allclose(smooth(np.array([0.0, 1000.0]), np.array([1.0, 5.0]), 0.9), [1, 5])
    close = smooth(np.array([0.0, 1.0, 1000.0]), np.array([1.0, 2.0, 3.0]), 0.25)
    np.testing.assert_allclose(close, [1, (1 * 0.5 + 2) / 1.5, 3])


def test_gaps_stay_and_do_not_count() -> None:
    x, y = np.arange(6.0), np.array([1.0, np.nan, 3.0, np.inf, 2.0, 2.0])
    found, kept = smooth(x, y, 0.99), [0, 2, 4, 5]
    assert np.isnan(found[1]) and np.isinf(found[3])
    np.testing.assert_allclose(found[kept], smooth(x[kept], y[kept], 0.99))


@pytest.mark.parametrize("y", [[], [3.0], [np.nan, np.nan], [1.0, 2.0]])
def test_nothing_to_average_stays_as_it_is(y: list[float]) -> None:
    np.testing.assert_array_equal(smooth(np.zeros(len(y)), np.array(y), 0.9), y)
    np.testing.assert_array_equal(smooth(np.arange(len(y)) + 0.0, np.array(y), 0.0), y)


def test_best_so_far_passes_gaps() -> None:
    y = np.array([np.nan, 2.0, 3.0, np.nan, 1.0])
    np.testing.assert_array_equal(best_so_far(y, higher_is_better=True), [np.nan, 2, 3, 3, 3])
    np.testing.assert_array_equal(best_so_far(y, higher_is_better=False), [np.nan, 2, 2, 2, 1])


def test_a_range_leaves_out_what_is_far_away_only() -> None:
    body = np.linspace(0, 1, 101)
    assert robust_range(body) is None
    found = robust_range(np.append(body, [94_000.0, np.inf, np.nan]))
    assert found == (0.0, 1.0)
    assert robust_range(np.append(2 / np.arange(1, 300), 94_000.0)) == (2 / 299, 2.0)
    assert robust_range(np.append(body, 9.0)) is None
    assert robust_range(np.append(np.linspace(2.2, 2.4, 19), 12_000.0)) == (2.2, 2.4)
    assert robust_range(np.array([1.9, 0.77, 0.76, 0.2])) is None
    assert robust_range(np.append(body[50:], 94_000.0), log=True) == (0.5, 1.0)
    assert robust_range(np.exp(-np.linspace(0, 8, 500))) is None
    assert robust_range(np.array([np.nan, -1.0]), log=True) is None
    assert robust_range(np.empty(0)) is None
