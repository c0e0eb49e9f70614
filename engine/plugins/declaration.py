"""The decorators for plug-ins, and the rows that they record while Darkroom imports the file, as plain data."""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import Any, TypeVar

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


_NAME = re.compile(r"[\w.-]+")
_collected: list[Rows] = []

Builder = TypeVar("Builder", bound=Callable[..., Any])


@contextmanager
def collecting() -> Iterator[Rows]:
    """Yield the rows that are declared inside the block."""
    _collected.append(Rows())
    try:
        yield _collected[-1]
    finally:
        _collected.pop()


def model(*, size: int, fixed_size: bool = False, smallest: int = 0, largest: int = 0,
          task: str = "classification") -> Callable[[Builder], Builder]:
    """Declare a model, named like the decorated function or class.

    It is called with ``num_classes`` and ``in_chans`` and returns a ``torch.nn.Module``. The first paragraph of its
    docstring is the model's help. Arguments are those of :class:`engine.catalog.models.ModelRow`.
    """
    def declare(builder: Builder) -> Builder:
        _add("models", builder.__name__, ModelRow(
            builder.__module__.rpartition(".")[2], size, fixed_size, smallest=smallest, largest=largest,
            builder=_place(builder), help=_help(builder), task=task))
        return builder

    return declare


def dataset(*, classes: Sequence[str] = (), train: int = 0, test: int = 0, size: int = 0, channels: int = 0,
            flips: bool = True, missing: str = "", task: str = "classification",
            ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a data set, named like the decorated function.

    The function returns :class:`engine.data.dataset.Arrays`. If it takes an argument, that is the ``Path`` in the
    option ``data_path``. Arguments are those of :class:`engine.catalog.datasets.DatasetRow`; they must match the
    pictures. Without ``classes`` the set must be prepared once before configs can be validated.
    """
    def declare(give: Callable[..., Any]) -> Callable[..., Any]:
        if not isinstance(give, FunctionType):
            raise TypeError(f"dataset: {give!r} is not a function")
        folder = bool(inspect.signature(give).parameters)
        how = missing or f"name in data_path the folder that {give.__name__} is read from"
        row = DatasetRow(_help(give), tuple(classes), train, test, size, channels, flips, how, task)
        _add("datasets", give.__name__, DeclaredSet(row, _place(give), give.__code__.co_firstlineno, folder))
        return give

    return declare


def augmentation(name: str, row: Augmentation) -> None:
    _add("augmentations", name, row)


def metric(title: str = "", *, unit: str = "share", digits: int = 2, higher_is_better: bool = True, short: str = "",
           source: str = "", imported: Sequence[str] = (), task: str = "classification",
           ) -> Callable[[Builder], Builder]:
    """Declare a metric, named like the decorated function.

    It takes the predictions of a split, a classifier's as :class:`engine.evaluation.metrics.Predictions`, and returns a
    number; NaN means undefined. It is computed with the predictions and stored. Arguments are those of
    :class:`engine.catalog.metric.Metric`.
    """
    def declare(compute: Builder) -> Builder:
        _add("metrics", compute.__name__, Metric(
            title or compute.__name__, _help(compute), source, short, unit, digits, higher_is_better, task,
            _place(compute), imported=tuple(imported)))
        return compute

    return declare


def task(spec: Task) -> None:
    """Declare a task, usually derived from another one by ``dataclasses.replace``."""
    # Plain dicts, since read-only ones cannot be serialised to JSON.
    _add("tasks", spec.name, replace(spec, defaults=dict(spec.defaults), augmentations=dict(spec.augmentations),
                                     scores=dict(spec.scores)))


def _add(kind: str, name: str, row: Any) -> None:
    if not _collected:  # the file is run as a script, or imported by other code
        return
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of letters, digits, dots, dashes and underscores")
    rows = getattr(_collected[-1], kind)
    if name in rows:
        raise ValueError(f"two {kind} are called {name}")
    rows[name] = row


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _help(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring, in one line."""
    paragraph = (inspect.getdoc(function) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()) or f"{function.__name__} of {function.__module__.rpartition('.')[2]}.py."
