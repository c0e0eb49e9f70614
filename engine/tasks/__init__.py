"""Tasks, one file each; a run's task follows from its data set. Imports no torch."""

import pkgutil
from dataclasses import replace
from importlib import import_module

from engine.catalog.augmentations import AUGMENTATIONS, Augmentation
from engine.catalog.datasets import DATASETS
from engine.catalog.losses import LOSSES
from engine.catalog.models import models
from engine.tasks.task import Part, Score, Task

__all__ = ["TASKS", "Part", "Score", "Task", "augmentations_for", "losses_for", "models_for", "scores_for", "task_name",
           "task_of"]

_SPEC = "task"
_modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
            if found.name != _SPEC)
TASKS: dict[str, Task] = {module.TASK.name: module.TASK for module in _modules}
"""Every task by name: the ``TASK`` of each module in this package."""


def task_name(dataset: str) -> str:
    """Return the task of a data set; an unknown data set counts as classification."""
    row = DATASETS.get(dataset)
    return row.task if row else "classification"


def task_of(dataset: str) -> Task:
    return TASKS[task_name(dataset)]


def models_for(task: str) -> tuple[str, ...]:
    """Return the names of the models that a task can train."""
    made_for = TASKS[task].models_of or task
    return tuple(name for name, row in models().items() if row.task == made_for)


def augmentations_for(task: str) -> dict[str, Augmentation]:
    """Return a task's augmentations by name, each with the help for this task."""
    own = TASKS[task].augmentations
    return {name: replace(AUGMENTATIONS[name], help=help) for name, help in own.items()} if own else AUGMENTATIONS


def losses_for(task: str) -> tuple[str, ...]:
    """Return the names of the losses that a task can minimise."""
    several = not TASKS[task].one_class_a_picture
    return tuple(name for name, row in LOSSES.items() if row.labels or not several)


def scores_for(task: str) -> tuple[str, ...]:
    """Return the names of the scores that can choose a task's best checkpoint."""
    return tuple(TASKS[task].every_score)
