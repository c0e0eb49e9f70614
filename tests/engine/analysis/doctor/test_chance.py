"""The exact tests agree with scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.analysis.doctor.chance import beyond, guessed_recall, needed_share, rising, share_above


@pytest.mark.parametrize(("pictures", "share"), [(360, 0.1), (10_000, 0.01), (9, 0.5), (100, 0.1)])
def test_the_share_needed_is_the_least_that_is_significant(pictures: int, share: float) -> None:
    right = round(needed_share(pictures, share, 0.01) * pictures)
    above, below = (stats.binomtest(count, pictures, share, alternative="greater").pvalue
                    for count in (right, right - 1))
    assert above <= 0.01 < below


def test_no_share_is_enough_of_a_few_pictures() -> None:
    assert needed_share(3, 0.5, 0.01) > 1


@pytest.mark.parametrize("counts", [[100] * 10, [900, 100], [500, 300, 150, 50]])
def test_guessing_has_the_recall_of_its_permutations(counts: list[int]) -> None:
    random = np.random.default_rng(0)
    true = np.repeat(np.arange(len(counts)), counts)
    predicted = random.choice(len(counts), len(true), p=random.dirichlet(np.ones(len(counts))))
    recalls = []
    for _ in range(4000):
        random.shuffle(predicted)
        recalls.append(np.mean([(predicted[true == label] == label).mean() for label in range(len(counts))]))
    confusion = np.bincount(true * len(counts) + predicted, minlength=len(counts) ** 2).reshape(len(counts), -1)
    recall, guessed, limit = guessed_recall(confusion, 0.01)
    assert recall == pytest.approx(recalls[-1]) and guessed == pytest.approx(np.mean(recalls), abs=0.003)
    assert limit - guessed == pytest.approx(2.326 * np.std(recalls), rel=0.05)
    assert 0.003 <= np.mean(np.array(recalls) > limit) <= 0.025


def test_always_the_same_class_is_exactly_guessing() -> None:
    assert guessed_recall(np.array([[900, 0], [100, 0]]), 0.01) == (0.5, 0.5, 0.5)


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
