"""What the Runs page shows of many runs: columns, groups, charts, and what has changed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from app.runs.changes import changed
from app.runs.charts import scatter_figure, values_of
from app.runs.columns import SHOWN, columns_of, frame_of, known_columns
from app.runs.groups import grouped
from app.runs.marks import marked
from app.runs.parallel import parallel_figure
from app.runs.table import _subtract
from engine.store import Recorder, Run, Store
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run
from tests.waiting import until


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


def _runs(store: Store) -> list[Run]:
    for lr, seeds in ((0.1, 3), (0.01, 2)):
        for seed in range(seeds):
            add_run(store, "stopped", lr=lr, seed=seed, optimizer="SGD", epochs=2 + seed)
    return store.runs.list()


def test_options_that_differ_are_columns_and_any_option_can_be(store: Store) -> None:
    runs = _runs(store)
    assert {"lr", "seed"} <= columns_of(runs, SHOWN).keys() and "optimizer" not in columns_of(runs, SHOWN)
    columns = columns_of(runs, ("name", "optimizer", "test_score"))
    assert list(columns) == ["name", "optimizer", "test_score"]
    assert frame_of(runs, columns)["optimizer"].tolist() == ["SGD"] * 5


@pytest.mark.slow
@pytest.mark.usefixtures("scenes")
def test_a_detectors_score_is_never_among_accuracies(store: Store) -> None:
    classifier, detector = add_run(store), add_detection_run(store)
    columns = columns_of([detector, classifier], ("test_score",))
    assert list(columns) == ["test_score mAP", "test_score accuracy"]
    data = frame_of([detector, classifier], columns)
    assert data["test_score mAP"].isna().tolist() == [False, True]
    assert data["test_score accuracy"].isna().tolist() == [True, False]


def test_a_frame_holds_runs_that_changed_since(store: Store) -> None:
    runs = _runs(store)
    columns = columns_of(runs, ("name", "epoch"))
    assert frame_of(runs, columns)["name"].tolist() == [run.name for run in runs]
    store.runs.rename(runs[0].id, "renamed")
    add_run(store, name="new")
    now = store.runs.list()
    assert frame_of(now, columns)["name"].tolist()[:2] == ["new", "renamed"]


def test_groups_have_mean_spread_and_number(store: Store) -> None:
    runs = _runs(store)
    data, members = grouped(runs, ["lr"], ("best_val_score",))
    assert data["n"].tolist() == [3, 2] and data["Learning rate"].tolist() == ["0.1", "0.01"]
    scores = [100 * run.best_val_score for run in runs if run.config["lr"] == 0.1 and run.best_val_score]
    assert data["Best val accuracy"][0] == pytest.approx(sum(scores) / 3, abs=0.01)
    assert data["± Best val accuracy"][0] == pytest.approx(_sd(scores), abs=0.01)
    assert sorted(members[0]) == sorted(run.id for run in runs if run.config["lr"] == 0.1)


def _sd(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return float((sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5)


def test_a_group_tells_how_many_were_measured(store: Store) -> None:
    runs = [add_run(store, seed=0), add_run(store, "failed", seed=1, epochs=0)]
    data, _ = grouped(runs, ["model"], ("best_val_score",))
    assert (data["n"][0], data["measured"][0]) == (2, 1)


def test_differences_are_from_the_baseline(store: Store) -> None:
    runs = _runs(store)
    columns = columns_of(runs, ("best_val_score", "epoch"))
    data = frame_of(runs, columns)
    before = data["best_val_score"].tolist()
    _subtract(data, columns, runs[-1])
    assert data["best_val_score"].tolist() == pytest.approx([value - before[-1] for value in before])
    assert data["epoch"].tolist() == [run.epoch for run in runs]


def test_a_point_of_a_scatter_plot_is_a_run(store: Store) -> None:
    runs = [*_runs(store), add_run(store, "failed", epochs=0)]
    known = known_columns()
    x, y, colour = (values_of(runs, known[name], name) for name in ("lr", "best_val_score", "optimizer"))
    assert x.numeric and not colour.numeric
    figure, ids = scatter_figure(runs, x, y, colour)
    assert sum(map(len, ids.values())) == 5, "the run without a score is left out"
    for trace in figure.traces:
        assert trace["x"] == [store.runs.get(run_id).config["lr"] for run_id in ids[trace["uid"]]]


def test_lines_outside_the_ranges_are_faint_and_each_leads_to_its_run(store: Store) -> None:
    runs = _runs(store)
    known = known_columns()
    axes = [values_of(runs, known[name], name) for name in ("lr", "model", "best_val_score")]
    figure, ids = parallel_figure(runs, axes, [run.config["lr"] == 0.1 for run in runs])
    assert sorted(ids["outside"]) == sorted(run.id for run in runs if run.config["lr"] == 0.01)
    for trace in figure.traces:
        assert len(trace["x"]) == len(trace["y"]) == len(trace["text"]) == 4 * len(ids[trace["uid"]])
        for place, run_id in enumerate(ids[trace["uid"]]):
            assert f"#{run_id}<br>" in trace["text"][4 * place]


def test_changes_are_counted(store: Store) -> None:
    runs = _runs(store)
    assert changed(runs, store.runs.list()) == 0
    store.runs.set_notes(runs[0].id, "new")
    store.trash.put(runs[1].id)
    add_run(store)
    assert changed(runs, store.runs.list()) == 3


def test_the_doctors_mark_goes_when_it_is_acknowledged(store: Store) -> None:
    fine, broken = add_run(store), add_run(store, "failed", epochs=0)
    with Recorder(store, broken.id, 1) as recorder:
        recorder.log(1, {"loss": math.nan}, 1)
    runs = store.runs.list()
    until(lambda: marked(runs)[1])
    assert broken.id in marked(runs)[0] and fine.id not in marked(runs)[0]
    store.acknowledged.put(broken.id, "not-finite")
    runs = store.runs.list()
    until(lambda: marked(runs)[1])
    assert broken.id not in marked(runs)[0]
