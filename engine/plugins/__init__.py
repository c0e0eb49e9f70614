"""The interface for plug-ins: Python files with models, data sets, augmentations, metrics or tasks."""

from engine.catalog.augmentations import Augmentation
from engine.data.dataset import Arrays
from engine.plugins.declaration import augmentation, dataset, metric, model, task

__all__ = ["Arrays", "Augmentation", "augmentation", "dataset", "metric", "model", "task"]
