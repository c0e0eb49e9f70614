"""What one plug-in declares, as plain data: importing nothing of it, a process can list it and check configs."""

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
        place: ``module:function`` that gives its pictures.
        line: of the function in its file.
        folder: it is called with the folder that ``data_path`` names.
    """

    row: DatasetRow
    place: str
    line: int
    folder: bool


@dataclass
class Rows:
    """By name. The fields are in the order in which they are put into the catalogs: the later name the earlier."""

    tasks: dict[str, Task] = field(default_factory=dict)
    augmentations: dict[str, Augmentation] = field(default_factory=dict)
    datasets: dict[str, DeclaredSet] = field(default_factory=dict)
    models: dict[str, ModelRow] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
