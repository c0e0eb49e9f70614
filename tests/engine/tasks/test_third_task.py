"""A task that nothing in the house knows by name is trained, evaluated and shown like the others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.catalog.datasets import DATASETS
from engine.catalog.metrics import METRICS
from engine.cli.main import DONE, main
from engine.config import parse_config
from engine.crash_log import USAGE
from engine.errors import ConfigError
from engine.evaluation.requests import parse_request
from engine.home import ROOT
from engine.launch import create_foreground
from engine.runner.main import train_run
from engine.store import Recorder, Run, Store
from engine.tasks import TASKS, Part
from engine.tasks.classification import TASK as CLASSIFICATION
from tests.app_tests import assert_calm, open_page
from tests.toys import brightness

OPTIONS = {"dataset": "Squares", "model": "tinyvgg_a", "epochs": 3, "batch_size": 32, "name": "bright"}


@pytest.fixture(autouse=True)
def third_task(home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, "brightness", brightness.TASK)
    monkeypatch.setitem(METRICS, "closeness", brightness.METRIC)
    monkeypatch.setitem(DATASETS, "Squares", brightness.DATASET)


@pytest.fixture
def trained(third_task: None) -> Run:
    run = create_foreground(Store.open(), parse_config(OPTIONS))
    assert train_run(run.id) == 0, Store.open().runs.get(run.id).error
    return Store.open().runs.get(run.id)


def test_it_learns_and_its_own_score_chooses_the_best_checkpoint(trained: Run) -> None:
    assert (trained.task, trained.score_name, trained.status) == ("brightness", "closeness", "finished")
    assert trained.test_score is not None and trained.test_score > 0.8
    curve = Store.open().metrics.since(trained.id, "val_closeness", -1)[1]
    assert trained.best_val_score == max(curve) and trained.test_accuracy is None


def test_a_task_with_the_score_of_another_prints_its_own_line(home: Path, monkeypatch: pytest.MonkeyPatch,
                                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(brightness, "focal_scores", lambda metrics: ("focal", "score"), raising=False)
    monkeypatch.setitem(TASKS, "focal", replace(CLASSIFICATION, name="focal", models_of="classification",
                                                epoch_scores=Part("tests.toys.brightness:focal_scores")))
    monkeypatch.setitem(DATASETS, "Squares", replace(brightness.DATASET, task="focal"))
    run = create_foreground(Store.open(), parse_config(OPTIONS | {"epochs": 1}))
    assert train_run(run.id) == 0
    assert "focalval" in capsys.readouterr().out


def test_its_score_is_shown_beside_the_scores_of_other_tasks(trained: Run) -> None:
    store = Store.open()
    with Recorder(store, trained.id, trained.attempt) as recorder:
        recorder.log(trained.step, {"val_accuracy": 0.01}, trained.epoch)
    [test] = [found for found in store.evaluations.of(trained.id) if found.asked and found.split == "test"]
    store.evaluations.put(trained.id, test.conditions, test.metrics | {"top1": 0.01}, test.predictions, test.sha256,
                          weights=test.weights, asked=True)
    shown = store.runs.get(trained.id)
    assert (shown.last_val_accuracy, shown.test_accuracy) == (0.01, 0.01)
    assert (shown.best_val_score, shown.last_val_score, shown.test_score) == (
        trained.best_val_score, trained.last_val_score, trained.test_score)


def test_its_figures_are_printed_and_every_checkpoint_can_be_evaluated(
        trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "bright", "--checkpoint", "last", "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert {found["split"] for found in document} == {"val", "test"}
    assert all(0 < found["metrics"]["closeness"] <= 1 for found in document)
    assert main(["evaluate", "bright"]) == DONE
    assert "closeness" in capsys.readouterr().out
    assert main(["export", "bright"]) == USAGE
    assert "models for brightness cannot be exported" in capsys.readouterr().err


def test_one_with_figures_of_its_own_is_not_printed_as_the_task_it_was_made_from(
        trained: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(TASKS, "brightness", replace(brightness.TASK, reporting=CLASSIFICATION.reporting))
    assert main(["evaluate", "bright"]) == DONE
    printed = capsys.readouterr().out
    assert "closeness" in printed and "top-1" not in printed and "rest" not in printed
    other = create_foreground(Store.open(), parse_config(OPTIONS | {"name": "other", "seed": 1}))
    assert main(["compare", "bright", str(other.id)]) == USAGE
    assert "runs of brightness cannot be compared" in capsys.readouterr().err


def test_what_does_not_matter_to_it_is_reset_or_refused(trained: Run) -> None:
    assert parse_config(OPTIONS | {"mixing": "mixup"}).mixing == "none"
    with pytest.raises(ConfigError, match="brightness"):
        parse_config(OPTIONS | {"model": "fcos_resnet10t_fpn"})
    with pytest.raises(Exception, match="brightness is evaluated without test-time augmentation"):
        parse_request(trained, {"tta": "flip"})


@pytest.mark.parametrize("page", ["launch", "live", "runs", "compare", "results", "data"])
def test_every_page_shows_it(trained: Run, page: str) -> None:
    app = open_page(page, run=str(trained.id), dataset="Squares")
    assert_calm(app)
    if page == "results":
        assert "Closeness" in [figure.label for figure in app.metric]


def test_nothing_else_knows_its_name() -> None:
    files = [file for room in ("engine", "app", "pages") for file in (ROOT / room).rglob("*.py")]
    assert not [file for file in files if "brightness" in file.read_text() and "toys" in file.read_text()]
    assert not [file for file in files if "val_closeness" in file.read_text()]
