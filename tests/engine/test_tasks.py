"""The registry of tasks, and what runs of any task say of themselves."""

from __future__ import annotations

import pytest

from engine.catalog.datasets import DATASETS, names_of
from engine.catalog.models import models
from engine.store import Recorder, Store
from engine.tasks import TASKS, located, task_name, task_row
from tests.fake_runs import add_run


def test_every_data_set_and_model_is_of_a_known_task() -> None:
    assert {row.task for row in DATASETS.values()} <= TASKS.keys()
    assert {row.task for row in models().values()} <= TASKS.keys()
    assert sorted(name for task in TASKS for name in names_of(task)) == sorted(DATASETS)


def test_a_data_set_of_another_version_counts_as_classification() -> None:
    assert task_name("Digits") == task_name("gone since") == "classification"
    assert task_row("Digits") is TASKS["classification"]


def test_a_place_is_imported_when_it_is_asked_for() -> None:
    assert located("engine.tasks:TASKS") is TASKS


def test_the_scores_of_a_classifier_are_its_accuracies(home: object) -> None:
    run = add_run(Store.open())
    assert (run.task, run.score_name) == ("classification", "accuracy")
    assert run.best_val_score == run.best_val_accuracy == pytest.approx(0.89)
    assert (run.last_val_score, run.test_score) == (run.last_val_accuracy, run.test_accuracy)
    assert run.test_score is not None


def test_of_another_task_the_scores_are_its_own(home: object) -> None:
    store = Store.open()
    run = add_run(store, "stopped", epochs=0)
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"val_map": 0.4}, 1)
        recorder.log(2, {"val_map": 0.3}, 2)
    store.evaluations.add(run.id, "best", "test", {"map": 0.35}, run.folder / "none.npz", "")
    found = store.runs.get(run.id)
    assert (found.best_val_score, found.last_val_score, found.test_score) == (0.4, 0.3, 0.35)
    assert (found.best_val_accuracy, found.test_accuracy) == (None, None)
