"""What a plug-in imports: a Python file of the user's that declares models, data sets, augmentations and tasks."""

from engine.catalog.augmentations import Augmentation
from engine.data.dataset import Arrays
from engine.plugins.declaring import augmentation, dataset, model, task

__all__ = ["Arrays", "Augmentation", "augmentation", "dataset", "model", "task"]
