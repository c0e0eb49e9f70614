"""Curves: which lines, in which colours, and how many points."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from app.charts.chart import Figure
from app.charts.curves import LOSS, Axis, along, curves
from app.kit.looks import colour, dash
from app.tasks import panels
from engine.config.steps import training_pictures
from engine.store import Recorder, Run, Store
from tests.fake_runs import add_run


def _score_of(run: Run) -> Figure:
    """The chart beside the loss's."""
    return curves([run], panels([run])[1].lines)


def test_a_single_run_has_a_legend_entry_a_line(home: Path) -> None:
    figure = curves([add_run(Store.open())], LOSS.lines)
    assert [(trace["name"], trace["showlegend"]) for trace in figure.traces] == [("Train", True), ("Validation", True)]
    assert figure.stamp == "10"


def test_several_runs_have_a_legend_entry_a_run_that_hides_all_its_lines(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store), add_run(store)]
    traces = curves(runs, LOSS.lines).traces
    for run in runs:
        own = [trace for trace in traces if trace["legendgroup"] == str(run.id)]
        assert [trace.get("showlegend", True) for trace in own] == [True, False, False]
        assert {trace["line"]["color"] for trace in own} == {colour(run.id)}
    assert len({trace["uid"] for trace in traces}) == len(traces)


def test_twenty_long_runs_are_thinned_to_a_bounded_number_of_points(home: Path) -> None:
    store = Store.open()
    runs = []
    for _ in range(20):
        run = add_run(store, "running", epochs=0)
        with Recorder(store, run.id, 1) as recorder:
            for step in range(1, 1201):
                recorder.log(step, {"loss": float(np.sin(step))}, 1)
        runs.append(store.runs.get(run.id))
    figure = curves(runs, LOSS.lines)
    assert sum(len(trace["x"]) for trace in figure.traces) <= 8020
    assert figure.stamp == "1200"


def test_nothing_recorded_says_so(home: Path) -> None:
    figure = curves([add_run(Store.open(), "queued", epochs=0)], LOSS.lines)
    assert figure.stamp == "0"
    assert figure.layout["annotations"][0]["text"] == "nothing recorded yet"


def test_no_two_of_thirty_six_neighbouring_runs_look_the_same() -> None:
    assert len({(colour(run), dash(run)) for run in range(1, 37)}) == 36


def test_the_accuracy_of_mixed_pictures_is_drawn_under_its_own_name(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_mixed_accuracy": 0.4, "val_accuracy": 0.6}, 1)
    names = [trace["name"] for trace in _score_of(store.runs.get(run.id)).traces if len(trace["x"])]
    assert names == ["Train (share of mixed labels)", "Validation"]


def test_a_lone_point_is_marked(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_accuracy": 0.1, "val_accuracy": 0.2}, 1)
    assert [trace["mode"] for trace in _score_of(store.runs.get(run.id)).traces] == ["lines+markers"] * 2


def test_epochs_are_steps_by_the_steps_of_one(home: Path) -> None:
    run = add_run(Store.open())
    np.testing.assert_allclose(along(Axis.EPOCH, run, np.array([1, 5, 10]), (np.empty(0, int), np.empty(0))),
                               [0.2, 1, 2])


def test_time_follows_each_epochs_speed_and_goes_on_at_the_mean(home: Path) -> None:
    run = add_run(Store.open())
    pictures = training_pictures(run.config_object())
    speeds = (np.array([5, 10]), np.array([pictures / 60, pictures / 120]))
    minutes = along(Axis.TIME, run, np.array([0, 5, 10, 20]), speeds)
    np.testing.assert_allclose(minutes, [0, 1, 3, 6])


def test_time_is_unknown_before_an_epoch_has_ended(home: Path) -> None:
    run = add_run(Store.open())
    assert np.isnan(along(Axis.TIME, run, np.array([1, 2]), (np.empty(0, int), np.empty(0)))).all()


@pytest.mark.parametrize("bad", [np.nan, 0.0])
def test_a_useless_speed_is_left_out(home: Path, bad: float) -> None:
    run = add_run(Store.open())
    pictures = training_pictures(run.config_object())
    minutes = along(Axis.TIME, run, np.array([10]), (np.array([5, 10]), np.array([bad, pictures / 30])))
    assert np.isfinite(minutes).all()


def test_time_is_told_without_the_users_own_files(home: Path) -> None:
    store = Store.open()
    run = add_run(store)
    gone = dataclasses.replace(run, config=run.config | {"dataset": "folder", "data_path": str(home / "gone")})
    batch = int(run.config["batch_size"])
    minutes = along(Axis.TIME, gone, np.array([10]), (np.array([5, 10]), np.array([batch / 60, batch / 60])))
    np.testing.assert_allclose(minutes, [10])
