"""Curves: whole, by cursor, thinned, and the same after packing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.store import Recorder, Run, Store
from engine.store.metrics import thin
from tests.engine.store.conftest import MakeRun


@pytest.fixture
def recorded(store: Store, make_run: MakeRun) -> Run:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 5001):
            recorder.log(step, {"loss": 1 / step, "lr": 0.1}, 1)
        recorder.log(5000, {"val_accuracy": 0.5}, 1)
    store.runs.update(run.id, status="finished")
    return run


def test_names_and_an_unknown_metric(store: Store, recorded: Run) -> None:
    assert list(store.metrics.summary(recorded.id)) == ["loss", "lr", "val_accuracy"]
    assert [len(part) for part in store.metrics.since(recorded.id, "nothing", 0)] == [0, 0]
    assert [len(part) for part in store.metrics.curve(recorded.id, "nothing")] == [0, 0]


def test_since_gives_only_what_is_new(store: Store, recorded: Run) -> None:
    steps, values = store.metrics.since(recorded.id, "loss", 4990)
    assert np.array_equal(steps, np.arange(4991, 5001)) and np.array_equal(values, 1 / steps)
    assert len(store.metrics.since(recorded.id, "loss", 5000)[0]) == 0


def test_curves_of_several_runs(store: Store, recorded: Run, make_run: MakeRun) -> None:
    other = make_run()
    curves = store.metrics.curves([recorded.id, other.id], "loss", points=100)
    assert [len(curves[run.id][0]) for run in (recorded, other)] == [100, 0]
    assert store.metrics.curves([], "loss") == {}


def test_sealing_keeps_every_value_and_removes_the_journal(store: Store, recorded: Run) -> None:
    before = {name: store.metrics.since(recorded.id, name, 0) for name in store.metrics.summary(recorded.id)}
    summary = store.metrics.summary(recorded.id)
    assert (recorded.folder / "journal-1.log").exists()
    store.metrics.seal(recorded.id)
    assert not (recorded.folder / "journal-1.log").exists()
    for name, (steps, values) in before.items():
        after = store.metrics.since(recorded.id, name, 0)
        assert np.array_equal(after[0], steps) and np.array_equal(after[1], values)
    assert store.metrics.summary(recorded.id) == summary
    with store.connections.reading() as connection:
        assert connection.execute("SELECT count(*) FROM metric_chunks").fetchall()[0][0] == 3
    store.metrics.seal(recorded.id)
    assert store.metrics.summary(recorded.id) == summary


def test_a_sealed_run_can_be_resumed(store: Store, recorded: Run) -> None:
    store.metrics.seal(recorded.id)
    store.runs.requeue(recorded.id, epochs=20)
    with Recorder(store, recorded.id, 2) as recorder:
        recorder.resume_from(4000)
        for step in range(4001, 4101):
            recorder.log(step, {"loss": 7.0}, 1)
    steps, values = store.metrics.since(recorded.id, "loss", 0)
    assert np.array_equal(steps, np.arange(1, 4101)) and np.all(values[4000:] == 7.0)
    assert list(store.metrics.summary(recorded.id)) == ["loss", "lr"]


def test_a_short_curve_is_left_alone() -> None:
    column = np.arange(10), np.arange(10.0)
    assert thin(column, 10) is column


@pytest.mark.parametrize("points", [10, 100, 1000])
def test_a_long_curve_has_as_many_points_as_asked_and_keeps_ends_and_extremes(points: int) -> None:
    steps = np.arange(0, 300_000, 3)
    values = np.random.default_rng(0).normal(size=100_000)
    values[51_234], values[77_777] = 50, -50
    kept_steps, kept = thin((steps, values), points)
    assert len(kept) == points and np.all(np.diff(kept_steps) > 0)
    assert (kept_steps[0], kept_steps[-1]) == (0, 299_997)
    assert (kept.max(), kept.min()) == (50, -50)
    assert np.array_equal(kept, values[kept_steps // 3])


def test_gaps_stay_gaps_and_the_limit_holds() -> None:
    values = np.sin(np.arange(10_000) / 100)
    values[3000:4000] = np.nan
    values[9000] = np.inf
    steps, kept = thin((np.arange(10_000), values), 100)
    assert len(kept) <= 100
    assert np.isnan(kept).sum() == 1 and np.isnan(kept[np.searchsorted(steps, 3000)])


def test_uneven_steps_are_thinned_by_step_not_by_position() -> None:
    steps = np.concatenate([np.arange(10_000), np.arange(10_000, 1_000_000, 1000)])
    kept, _ = thin((steps, np.random.default_rng(0).normal(size=len(steps))), 100)
    assert (kept > 10_000).sum() > 80


def test_a_curve_of_gaps_only() -> None:
    steps, kept = thin((np.arange(5000), np.full(5000, np.nan)), 100)
    assert list(steps) == [0] and np.isnan(kept[0])
