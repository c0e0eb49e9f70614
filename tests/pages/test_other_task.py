"""Runs of a task that the pages have no row for: what was recorded and stored is shown, and nothing breaks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.tasks import panels, validated
from engine.catalog.datasets import DATASETS
from engine.store import Recorder, Run, Store
from engine.tasks import TASKS
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run


@pytest.fixture
def runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Two tested runs with checkpoints, whose data set is since of a task called ranking."""
    made = [add_run(store), add_run(store)]
    for run in made:
        folder = run.folder / "checkpoints" / "epoch-0002"
        folder.mkdir(parents=True)
        (folder.parent / "index.json").write_text(json.dumps({"best": folder.name, "last": folder.name}))
    with Recorder(store, made[0].id, 1) as recorder:
        recorder.log(10, {"loss_order": 0.5}, 2)
    monkeypatch.setitem(TASKS, "ranking", replace(TASKS["detection"], score_name="order", score="val_accuracy",
                                                  test_score="top1"))
    monkeypatch.setitem(DATASETS, "Digits", replace(DATASETS["Digits"], task="ranking"))
    return [store.runs.get(run.id) for run in made]


def test_loss_score_and_every_term_that_was_recorded_are_drawn(runs: list[Run]) -> None:
    assert [panel.title for panel in panels(runs)] == ["Loss", "Order", "Loss: order"]
    assert [panel.title for panel in validated(runs)] == ["Order in validation", "Loss in validation"]


@pytest.mark.parametrize(("page", "said"), [
    ("live", "Log"), ("runs", "2 runs"), ("compare", "Options"), ("data", "No view of this data yet"),
    ("try_image", "Not available")])
def test_every_page_is_calm(runs: list[Run], page: str, said: str) -> None:
    opened = open_page(page, run="1,2")
    assert_calm(opened)
    assert said in shown(opened)


def test_the_stored_figures_are_its_results(runs: list[Run]) -> None:
    page = open_page("results", run=str(runs[0].id))
    assert_calm(page)
    assert runs[0].test_score is not None
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Top-1"] == f"{100 * runs[0].test_score:.2f} %" and "ECE" in figures
    assert "Try" not in {button.label for button in page.button}
