"""What a plug-in declares, as plain data, so that configs can be validated without importing it."""

from dataclasses import dataclass, field

from engine.catalog.augmentations import Augmentation
from engine.catalog.datasets import DatasetRow
from engine.catalog.metric import Metric
from engine.catalog.models import ModelRow
from engine.tasks import Task


@dataclass(frozen=True)
class DeclaredSet:
    """A data set of a plug-in.

    Attributes:
        place: ``module:function`` that returns its pictures.
        line: line of the function in its file.
        folder: it takes the folder in ``data_path``.
    """

    row: DatasetRow
    place: str
    line: int
    folder: bool


@dataclass
class Rows:
    """Rows by name, in fields ordered so that later ones may refer to earlier ones."""

    tasks: dict[str, Task] = field(default_factory=dict)
    augmentations: dict[str, Augmentation] = field(default_factory=dict)
    datasets: dict[str, DeclaredSet] = field(default_factory=dict)
    models: dict[str, ModelRow] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
