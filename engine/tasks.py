"""What a run can learn: one row a task. Which one it is follows from the run's data set. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any

from engine.catalog.datasets import DATASETS


@dataclass(frozen=True)
class TaskRow:
    """What everybody who treats all tasks alike has to know of one.

    Attributes:
        help: one sentence for a person.
        score: the metric of an epoch by which the best checkpoint is chosen, 0–1, higher is better.
        test_score: what an evaluation calls the same figure.
        score_name: what a person calls it.
        making: ``module:name`` of the :class:`engine.training.task.Making`, which needs torch.
        examining: ``module:name`` of the :class:`engine.evaluation.examining.Examining`, which needs torch.
        one_class_a_picture: every picture is of exactly one class, so that a split can hold some of each.
        seen: the size of the pictures a model sees, for a person.
        averages: what is said of several views of a picture, or by several models, can be averaged.
        defaults: options that start otherwise than for classification.
    """

    help: str
    score: str
    test_score: str
    score_name: str
    making: str
    examining: str
    one_class_a_picture: bool = True
    seen: str = "{0} × {0} px"
    averages: bool = True
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


TASKS: dict[str, TaskRow] = {
    "classification": TaskRow(
        "Which of several classes a picture is of.", score="val_accuracy", test_score="top1", score_name="accuracy",
        making="engine.training.classification:MAKING", examining="engine.evaluation.classification:EXAMINING"),
    "detection": TaskRow(
        "Where in a picture objects are, each with its class.", score="val_map", test_score="map", score_name="mAP",
        making="engine.training.boxes:MAKING", examining="engine.evaluation.boxes:EXAMINING",
        one_class_a_picture=False, seen="{0} px, longer side", averages=False,
        defaults=MappingProxyType({"model": "fcos_resnet10t_fpn", "batch_size": 4})),
}


def task_name(dataset: str) -> str:
    """The task of a data set; a set that is not known any more counts as classification's."""
    row = DATASETS.get(dataset)
    return row.task if row else "classification"


def task_row(dataset: str) -> TaskRow:
    """The row of a data set's task."""
    return TASKS[task_name(dataset)]


def located(place: str) -> Any:
    """What ``module:name`` says, imported now."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
