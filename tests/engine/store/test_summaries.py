"""Summaries kept up to date are those of the whole column."""

from __future__ import annotations

import math

import numpy as np

from engine.store.summaries import Summary, combine, summary_of


def test_summary_of_a_column() -> None:
    column = np.array([10, 20, 30, 40]), np.array([2.0, 1.0, 3.0, 1.5])
    assert summary_of(column) == Summary(1.5, 40, 1.0, 20, 3.0, 30, 4, 0)


def test_values_that_are_not_finite_are_counted_and_neither_least_nor_greatest() -> None:
    column = np.array([1, 2, 3, 4]), np.array([np.inf, 1.0, -np.inf, np.nan])
    summary = summary_of(column)
    assert math.isnan(summary.last)
    assert (summary.min, summary.max, summary.count, summary.nonfinite) == (1.0, 1.0, 4, 3)


def test_a_column_without_a_finite_value_has_no_extremes() -> None:
    summary = summary_of((np.array([1]), np.array([np.nan])))
    assert (summary.min, summary.min_step, summary.max, summary.max_step) == (None, None, None, None)


def test_joining_parts_equals_the_summary_of_all() -> None:
    generator = np.random.default_rng(1)
    steps, values = np.arange(300), generator.integers(0, 9, 300).astype(np.float64)
    values[generator.random(300) < 0.5] = np.nan
    values[-1] = 1.0
    for cut in range(1, 300):
        parts = summary_of((steps[:cut], values[:cut])), summary_of((steps[cut:], values[cut:]))
        assert combine(*parts) == summary_of((steps, values))
