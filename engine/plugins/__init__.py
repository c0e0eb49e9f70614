"""The interface for plug-ins: Python files with models, data sets, augmentations, metrics or tasks."""

from typing import TYPE_CHECKING, Any

from engine.catalog.augmentations import Augmentation
from engine.plugins.declaration import augmentation, dataset, metric, model, task

__all__ = ["Arrays", "Augmentation", "augmentation", "dataset", "metric", "model", "task"]

if TYPE_CHECKING:
    from engine.data.dataset import Arrays


def __getattr__(name: str) -> Any:
    """Import ``Arrays`` when a plug-in does: with it come NumPy and Pillow, without which commands start sooner."""
    if name != "Arrays":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from engine.data.dataset import Arrays

    return Arrays
