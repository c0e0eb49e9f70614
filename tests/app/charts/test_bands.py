"""Means and bands of runs, by known values."""

from __future__ import annotations

import numpy as np
import pytest

from app.charts.bands import Band, summarise

X = np.array([1.0, 2.0])


def _at_two(band: Band, *values: float) -> tuple[float, float, float]:
    found = summarise([(X, np.array([0.0, value])) for value in values], band)
    return float(found.low[1]), float(found.mean[1]), float(found.high[1])


def test_the_interval_is_students() -> None:
    # Of 1, 2, 3: mean 2, sd 1, t(0.975, 2 degrees) = 4.302653.
    half = 4.302653 / 3 ** 0.5
    assert _at_two(Band.INTERVAL, 1, 2, 3) == pytest.approx((2 - half, 2, 2 + half), abs=1e-6)


def test_the_other_bands() -> None:
    assert _at_two(Band.SD, 1, 2, 3) == pytest.approx((1, 2, 3))
    assert _at_two(Band.SD, 2, 4, 4, 4, 5, 5, 7, 9) == pytest.approx((5 - 2.13809, 5, 5 + 2.13809), abs=1e-5)
    assert _at_two(Band.RANGE, 1, 2, 6) == (1, 3, 6)


@pytest.mark.parametrize("band", list(Band))
def test_one_run_has_no_band_and_equal_runs_one_of_no_width(band: Band) -> None:
    assert np.isnan(_at_two(band, 3)[0])
    assert _at_two(band, 3, 3) == pytest.approx((3, 3, 3))


def test_a_run_counts_from_its_first_point_to_its_last() -> None:
    found = summarise([(np.array([1.0, 3.0]), np.array([0.0, 2.0])), (np.array([2.0, 4.0]), np.array([5.0, 7.0]))],
                      Band.RANGE)
    assert found.x.tolist() == [1, 2, 3, 4]
    assert found.n.tolist() == [1, 2, 2, 1]
    assert found.mean.tolist() == [0, 3, 4, 7]


def test_long_runs_are_aligned_on_few_positions_that_keep_their_ends() -> None:
    lengths = (9_999, 10_000, 777)
    found = summarise([(np.arange(1.0, length + 1), np.full(length, 1.0 * length)) for length in lengths], Band.RANGE)
    assert len(found.x) <= 1000
    assert set(lengths) <= set(found.x.astype(int))
    past = found.n[np.searchsorted(found.x, 777.0):][:2]
    assert past.tolist() == [3, 2]
    assert found.n[-1] == 1


def test_what_is_not_finite_does_not_count() -> None:
    found = summarise([(X, np.array([1.0, np.nan])), (X, np.array([3.0, 5.0])), (X, np.array([np.nan, np.nan]))],
                      Band.SD)
    assert (found.mean.tolist(), found.n.tolist()) == ([2, 5], [2, 1])
    assert len(summarise([(X, np.array([np.nan, np.nan]))], Band.SD).x) == 0
