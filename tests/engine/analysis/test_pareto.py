"""The runs that no other run beats."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from engine.analysis.pareto import COSTS, comparable, front
from engine.store import Run, Store
from tests.fake_runs import add_run


def with_figures(run: Run, parameters: int | None, accuracy: float | None) -> Run:
    return dataclasses.replace(run, id=parameters or 0, parameters=parameters, test_score=accuracy,
                               best_val_score=None)


def test_the_front_is_as_counted_by_hand(home: Path) -> None:
    run = add_run(Store.open())
    runs = [with_figures(run, *figures) for figures in (
        (4_000_000, 0.95), (1_000_000, 0.90), (2_000_000, 0.85), (3_000_000, 0.90), (5_000_000, 0.95), (None, 0.99),
        (6_000_000, None), (1_000_000, 0.80))]
    points = comparable(runs, COSTS["Parameters"])
    assert [(cost, score) for _, cost, score in points] == [
        (1.0, 0.90), (1.0, 0.80), (2.0, 0.85), (3.0, 0.90), (4.0, 0.95), (5.0, 0.95)]
    assert [(cost, score) for _, cost, score in front(points)] == [(1.0, 0.90), (4.0, 0.95)]


def test_a_run_that_was_not_tested_counts_with_its_validation(home: Path) -> None:
    run = dataclasses.replace(add_run(Store.open()), test_score=None, best_val_score=0.7)
    assert comparable([run], COSTS["Time"]) == [(run, run.seconds / 60, 0.7)]
