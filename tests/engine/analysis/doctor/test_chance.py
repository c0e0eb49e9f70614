"""The exact tests agree with scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analysis.doctor.chance import at_least, beyond, rising, share_above


@pytest.mark.parametrize(("right", "pictures", "share"), [(0, 360, 0.1), (36, 360, 0.1), (60, 360, 0.1), (9, 9, 0.5)])
def test_at_least_is_binomial(right: int, pictures: int, share: float) -> None:
    expected = stats.binomtest(right, pictures, share, alternative="greater").pvalue
    assert at_least(right, pictures, share) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("table", [(140, 144, 330, 360), (72, 144, 180, 360), (0, 10, 5, 10), (10, 10, 0, 10),
                                   (5900, 6000, 9700, 10_000)])
def test_share_above_is_fishers(table: tuple[int, int, int, int]) -> None:
    right, pictures, other, others = table
    expected = stats.fisher_exact([[right, pictures - right], [other, others - other]], alternative="greater")[1]
    assert share_above(*table) == pytest.approx(expected, rel=1e-6)


def test_beyond_and_rising_are_t_tests() -> None:
    assert beyond(-2.5, 7) == pytest.approx(2 * stats.t.sf(2.5, 7))
    values = np.random.default_rng(0).normal(size=9).cumsum()
    line = stats.linregress(np.arange(9), values, alternative="greater")
    assert rising(values) == pytest.approx((line.slope, line.pvalue))
    assert rising(np.arange(4.0))[1] == 0.0
