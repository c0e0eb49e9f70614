"""Curves: which lines, in which colours, and how many points."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.charts.curves import ACCURACY, LOSS, curves
from app.colours import colour, dash
from engine.store import Recorder, Store
from tests.fake_runs import add_run


def test_a_single_run_has_a_legend_entry_a_line(home: Path) -> None:
    figure = curves([add_run(Store.open())], LOSS)
    assert [(trace["name"], trace["showlegend"]) for trace in figure.traces] == [("Train", True), ("Validation", True)]
    assert figure.stamp == "10"


def test_several_runs_have_a_legend_entry_a_run_that_hides_all_its_lines(home: Path) -> None:
    store = Store.open()
    runs = [add_run(store), add_run(store)]
    traces = curves(runs, LOSS).traces
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
    figure = curves(runs, LOSS)
    assert sum(len(trace["x"]) for trace in figure.traces) <= 8020
    assert figure.stamp == "1200"


def test_nothing_recorded_says_so(home: Path) -> None:
    figure = curves([add_run(Store.open(), "queued", epochs=0)], LOSS)
    assert figure.stamp == "0"
    assert figure.layout["annotations"][0]["text"] == "nothing recorded yet"


def test_no_two_of_thirty_six_neighbouring_runs_look_the_same() -> None:
    assert len({(colour(run), dash(run)) for run in range(1, 37)}) == 36


def test_the_accuracy_of_mixed_pictures_is_drawn_under_its_own_name(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_mixed_accuracy": 0.4, "val_accuracy": 0.6}, 1)
    names = [trace["name"] for trace in curves([store.runs.get(run.id)], ACCURACY).traces if len(trace["x"])]
    assert names == ["Train (share of mixed labels)", "Validation"]


def test_a_lone_point_is_marked(home: Path) -> None:
    store = Store.open()
    run = add_run(store, "running", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(5, {"train_accuracy": 0.1, "val_accuracy": 0.2}, 1)
    assert [trace["mode"] for trace in curves([store.runs.get(run.id)], ACCURACY).traces] == ["lines+markers"] * 2
