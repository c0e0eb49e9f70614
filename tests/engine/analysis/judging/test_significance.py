"""The three tests against SciPy's and statsmodels', and which is asked for by which seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from engine.analysis.judging.claims import Claim, interval, weigh
from engine.analysis.judging.sample import CellRuns
from engine.analysis.judging.significance import effect_size, fit, variance_ratio

A, B, C, D = ("a",), ("b",), ("c",), ("d",)
MINUS = {A: 1.0, B: -1.0}


def seeded(values: dict[int, float]) -> CellRuns:
    return CellRuns(values)


def unseeded(*values: float) -> CellRuns:
    return CellRuns({}, values)


def drawn(seed: int, *seeds: tuple[int, ...], between: float = 1.0) -> dict[tuple[str], CellRuns]:
    """Cells whose runs share what their seed does."""
    random = np.random.default_rng(seed)
    shift = random.normal(size=20) * between
    return {(name,): CellRuns({each: 0.8 + 0.01 * (shift[each] + random.normal()) for each in own})
            for name, own in zip("abcd", seeds, strict=False)}


def test_the_same_seeds_are_compared_in_pairs() -> None:
    first, second = [0.91, 0.93, 0.90, 0.95], [0.90, 0.90, 0.89, 0.91]
    fitted = fit(MINUS, {A: seeded(dict(enumerate(first))), B: seeded(dict(enumerate(second)))})
    expected = stats.ttest_rel(first, second)
    assert fitted.test == "paired" and fitted.df == 3
    assert weigh(fitted, Claim("higher")).p == pytest.approx(expected.pvalue)
    assert interval(fitted) == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_unknown_seeds_are_compared_with_a_spread_of_their_own() -> None:
    first, second = [0.91, 0.93, 0.90, 0.95], [0.90, 0.89, 0.89, 0.90, 0.91]
    fitted = fit(MINUS, {A: unseeded(*first), B: unseeded(*second)})
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert fitted.test == "welch" and fitted.df == pytest.approx(expected.df)
    assert weigh(fitted, Claim("higher")).p == pytest.approx(expected.pvalue)
    assert interval(fitted) == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_two_or_three_runs_against_more_count_as_no_more_than_they_are() -> None:
    fitted = fit(MINUS, {A: unseeded(0.91, 0.93, 0.92), B: unseeded(0.90, 0.89, 0.91, 0.90, 0.92)})
    assert fitted.test == "welch" and fitted.df <= 2


def test_disjoint_seeds_are_paired_with_nothing() -> None:
    assert fit(MINUS, {A: seeded({0: 0.9, 1: 0.8}), B: seeded({2: 0.9, 3: 0.7})}).test == "welch"


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")  # zero is on the boundary
@pytest.mark.parametrize("seeds", [((0, 1, 2, 3, 4), (0, 1, 2)), ((0, 1, 2), (1, 2, 3), (0, 1, 2), (2, 3)),
                                   ((0, 1, 2, 3), (2, 3, 4, 5), (0, 1, 4, 5), (0, 2, 3, 5))])
def test_partly_shared_seeds_give_the_mixed_model_of_statsmodels(seeds: tuple[tuple[int, ...], ...]) -> None:
    for draw in range(5):
        cells = drawn(draw, *seeds)
        weights = dict(zip(cells, [1.0, -1.0, -1.0, 1.0], strict=False))
        frame = pd.DataFrame([{"cell": cell[0], "seed": seed, "value": value * 100}
                              for cell, runs in cells.items() for seed, value in runs.seeded.items()])
        fixed = pd.get_dummies(frame["cell"]).to_numpy(float)
        shared = pd.get_dummies(frame["seed"]).to_numpy(float)
        found = MixedLM(frame["value"].to_numpy(), fixed, groups=frame["seed"]).fit(method=["powell", "lbfgs"])
        scale = np.array(list(weights.values()))
        ratio = float(found.cov_re[0, 0] / found.scale)
        fitted = fit(weights, cells)
        assert fitted.test == "mixed" and fitted.value is not None
        assert variance_ratio(frame["value"].to_numpy(), fixed, shared) == pytest.approx(ratio, rel=0.02, abs=2e-3)
        assert fitted.value * 100 == pytest.approx(scale @ found.fe_params, abs=1e-3)
        spread = found.scale * (np.eye(len(frame)) + ratio * shared @ shared.T)
        covariance = np.linalg.inv(fixed.T @ np.linalg.solve(spread, fixed))
        assert fitted.error * 100 == pytest.approx(float(scale @ covariance @ scale) ** 0.5, rel=0.02)


def test_a_single_run_has_no_spread_even_beside_repeated_ones() -> None:
    fitted = fit(MINUS, {A: seeded({0: 0.9}), B: seeded({0: 0.8, 1: 0.82, 2: 0.81})})
    assert not fitted.test and fitted.untested == "one run" and fitted.value == pytest.approx(0.09)


def test_seeds_too_few_to_tell_from_cells_are_not_tested() -> None:
    assert fit(MINUS, {A: seeded({0: 0.9, 1: 0.8}), B: seeded({1: 0.9, 2: 0.7})}).untested == "few shared"


@pytest.mark.parametrize("cells", [
    {A: seeded({0: 0.91, 1: 0.92}), B: seeded({0: 0.90, 1: 0.91})},  # the same difference with every seed
    {A: unseeded(0.9, 0.9), B: unseeded(0.8, 0.8)},
    {A: seeded({0: 1.0, 1: 1.0, 2: 1.0}), B: seeded({0: 0.9, 1: 0.9, 2: 0.9, 3: 0.9})},
])
def test_without_any_spread_there_is_no_test(cells: dict[tuple[str], CellRuns]) -> None:
    fitted = fit(MINUS, cells)
    assert not fitted.test and fitted.untested == "no spread" and fitted.value is not None


def test_a_cell_without_spread_beside_one_with_leaves_a_test() -> None:
    fitted = fit(MINUS, {A: unseeded(1.0, 1.0, 1.0), B: unseeded(0.91, 0.93, 0.92)})
    assert fitted.test == "welch" and fitted.df == pytest.approx(2)


def test_the_effect_is_measured_in_spreads_of_a_cell() -> None:
    first, second = [0.91, 0.93, 0.90, 0.95], [0.90, 0.90, 0.89, 0.91]
    cells = {A: unseeded(*first), B: unseeded(*second)}
    pooled = np.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / 2)
    plain = (np.mean(first) - np.mean(second)) / pooled
    assert effect_size(float(np.mean(first) - np.mean(second)), MINUS, cells) == pytest.approx(
        plain * (1 - 3 / (4 * 6 - 1)), rel=2e-3)


def test_ratios_are_of_figures_above_zero() -> None:
    assert unseeded(0.0, 0.1).logged() is None
    assert CellRuns({}, (0.01,), rounding=0.01).logged() is None
    logged = CellRuns({}, (0.5,), rounding=0.005).logged()
    assert logged is not None and logged.rounding == pytest.approx(0.01, rel=0.02)
