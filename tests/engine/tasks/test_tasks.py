"""The registry of tasks, and what runs of any task say of themselves."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from engine.catalog.augmentations import AUGMENTATIONS
from engine.catalog.datasets import DATASETS, datasets_for
from engine.catalog.metrics import METRICS
from engine.catalog.models import models
from engine.config import RunConfig
from engine.data.boxes.batches import RECIPES
from engine.store import Recorder, Store
from engine.tasks import TASKS, Part, task_name, task_of
from tests.fake_runs import add_run

PARTS = [(task, field.name, part) for task, spec in TASKS.items() for field in fields(spec)
         if isinstance(part := getattr(spec, field.name), Part)]


def test_every_data_set_and_model_is_of_a_known_task() -> None:
    assert {row.task for row in DATASETS.values()} <= TASKS.keys()
    assert {row.task for row in models().values()} <= TASKS.keys()
    assert sorted(name for task in TASKS for name in datasets_for(task)) == sorted(DATASETS)


def test_a_data_set_of_another_version_counts_as_classification() -> None:
    assert task_name("Digits") == task_name("gone since") == "classification"
    assert task_of("Digits") is TASKS["classification"]


@pytest.mark.parametrize(("task", "name", "part"), PARTS, ids=[f"{task}-{name}" for task, name, _ in PARTS])
def test_every_part_of_a_task_is_there(task: str, name: str, part: Part) -> None:
    assert part.get() is not None


def test_a_part_is_imported_when_it_is_used() -> None:
    assert Part("engine.tasks:TASKS").get() is TASKS
    assert Part("math:hypot")(3, 4) == 5


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_a_task_names_options_augmentations_and_a_metric_that_there_are(task: Any) -> None:
    assert task.test_score in METRICS
    assert task.without <= RunConfig.model_fields.keys()
    assert task.defaults.keys() <= RunConfig.model_fields.keys()
    assert task.augmentations.keys() <= AUGMENTATIONS.keys()


def test_pictures_with_boxes_have_a_recipe_for_each_augmentation_of_their_task() -> None:
    assert RECIPES.keys() == TASKS["detection"].augmentations.keys()


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


def test_rules_of_a_plug_in_are_left_out_where_it_is_not_imported() -> None:
    assert Part("darkroom_plugins.mine:RULES").rules() == ()
    assert Part("engine.analysis.lint.models:CLASSIFICATION").rules()
    with pytest.raises(ModuleNotFoundError):
        Part("engine.nowhere:RULES").rules()
