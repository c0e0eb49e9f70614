"""Curves: which lines, in which colours, and how many points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.charts.bands import Band
from app.charts.curves import plot
from app.charts.panels import LOSS, RATE, Axis
from app.charts.plots import Plot
from app.charts.view import View
from app.kit.looks import colour
from app.tasks import panels
from engine.store import Recorder, Run, Store
from tests.fake_runs import add_run


def _long(store: Store, steps: int, spike: float = 0.0, **options: object) -> Run:
    """A run with a loss at each step, the second of which is a spike if there is one."""
    run = add_run(store, "running", epochs=0, **options)
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, steps + 1):
            recorder.log(step, {"loss": spike if spike and step == 2 else 1 + float(np.sin(step)) / 2}, 1)
    return store.runs.get(run.id)


def _score_of(run: Run) -> Plot:
    """The chart beside the loss's."""
    return plot(panels([run])[1], [run], View())


def test_a_single_run_has_a_legend_entry_a_line(home: Path) -> None:
    drawn = plot(LOSS, [add_run(Store.open())], View())
    assert [entry.name for entry in drawn.entries] == ["Train", "Validation"]
    assert [line.entry for line in drawn.lines] == [0, 1]
    assert drawn.stamp == "10"


def test_several_runs_have_a_legend_entry_a_run_that_says_what_differs(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store, lr=0.1), add_run(store, lr=0.2)]
    drawn = plot(LOSS, runs, View())
    assert [entry.name for entry in drawn.entries] == ["learning rate 0.1", "learning rate 0.2"]
    assert [(line.entry, line.label) for line in drawn.lines] == [
        (0, "learning rate 0.1 train"), (0, "learning rate 0.1 validation"),
        (1, "learning rate 0.2 train"), (1, "learning rate 0.2 validation")]
    assert [line.colour for line in drawn.lines[::2]] == [colour(run.id) for run in runs]


def test_twenty_long_runs_are_thinned_to_a_bounded_number_of_points(home: Path) -> None:
    store = Store.open()
    drawn = plot(LOSS, [_long(store, 1200) for _ in range(20)], View())
    assert sum(len(line.x) for line in drawn.lines) <= 8020
    assert drawn.stamp == "1200"


def test_nothing_recorded_is_an_empty_chart(home: Path) -> None:
    drawn = plot(LOSS, [add_run(Store.open(), "queued", epochs=0)], View())
    assert (drawn.lines, drawn.entries, drawn.stamp) == ([], [], "0")


def test_the_accuracy_of_mixed_pictures_is_drawn_under_its_own_name(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_mixed_accuracy": 0.4, "val_accuracy": 0.6}, 1)
    drawn = _score_of(store.runs.get(run.id))
    assert [entry.name for entry in drawn.entries] == ["Train (share of mixed labels)", "Validation"]
    assert [line.y.tolist() for line in drawn.lines] == [[40.0], [60.0]] and drawn.suffix == " %"


def test_a_lone_point_is_marked(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_accuracy": 0.1, "val_accuracy": 0.2}, 1)
    assert [line.marks for line in _score_of(store.runs.get(run.id)).lines] == [True, True]


def test_a_spike_is_outside_and_counted_unless_everything_is_wanted(home: Path) -> None:
    run = _long(Store.open(), 500, spike=94_000.0)
    drawn = plot(LOSS, [run], View())
    assert drawn.limits and drawn.limits[1] < 3
    assert drawn.outside.startswith("1 of 500 points")
    whole = plot(LOSS, [run], View(robust=False))
    assert (whole.limits, whole.outside) == (None, "")


def test_the_line_as_recorded_lies_faint_beneath_the_smoothed_one(home: Path) -> None:
    raw, smoothed = plot(LOSS, [_long(Store.open(), 300)], View(smoothing=0.9)).lines
    assert raw.quiet and raw.opacity < smoothed.opacity and raw.entry == smoothed.entry
    assert np.ptp(smoothed.y[50:]) < np.ptp(raw.y[50:]) / 2


def test_the_best_so_far_follows_the_direction_of_the_metric(home: Path) -> None:
    run = _long(Store.open(), 50)
    assert (np.diff(plot(LOSS, [run], View(best=True)).lines[0].y) <= 0).all()
    assert len(plot(RATE, [run], View(best=True)).lines) == 0


def test_a_group_is_a_mean_with_a_band_and_its_number_of_runs(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store, lr=lr, seed=seed, epochs=epochs)
            for lr in (0.1, 0.2) for seed, epochs in enumerate((2, 2, 3))]
    view = View(axis=Axis.EPOCH, groups=("lr",), band=Band.RANGE)
    drawn = plot(panels(runs)[1], runs, view)
    assert [entry.name for entry in drawn.entries] == ["learning rate 0.1 (3)", "learning rate 0.2 (3)"]
    validation = drawn.lines[1]
    assert validation.x.tolist() == [1, 2, 3]
    assert validation.n is not None and validation.n.tolist() == [3, 3, 1]
    assert all(line.quiet for line in plot(panels(runs)[1], runs, View(groups=("lr",), singles=True)).lines[:12])


@pytest.mark.parametrize(("seconds", "title"), [(60.0, "minutes of training"), (9000.0, "hours of training")])
def test_short_runs_are_drawn_against_minutes(home: Path, seconds: float, title: str) -> None:
    store = Store.open()
    run = add_run(store)
    store.runs.update(run.id, trained_seconds=seconds)
    drawn = plot(LOSS, [store.runs.get(run.id)], View(axis=Axis.HOURS))
    assert drawn.x_title == title
    assert drawn.lines[0].x[-1] < 1
