"""Loads the pictures of a plug-in's data set, and validates them."""

import pkgutil
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Images, Pictures, Targets
from engine.data.readers.listing import content_stamp
from engine.data.readers.loaders import Loader, Source
from engine.errors import UserError, describe_error
from engine.labels.targets import class_counts
from engine.plugins.declaration import DeclaredSet
from engine.plugins.files import PluginFile
from engine.plugins.importing import imports_allowed
from engine.tasks import TASKS
from engine.words import listed

Refuse = Callable[[str], NoReturn]


def make_loader(name: str, declared: DeclaredSet, file: PluginFile) -> Loader:
    """Return the loader of a data set, which is read again if the plug-in or any file in its folder changes."""
    def folders(data_path: Path | None) -> list[Path]:
        if not declared.folder:
            return [file.path.parent]
        return [data_path] if data_path else []

    return Loader(folders, lambda place: [file.path, place] if place.exists() else [],
                  partial(_read, name, declared, file),
                  stamp=lambda place: content_stamp(place, None) if declared.folder else "")


def _read(name: str, declared: DeclaredSet, file: PluginFile, place: Path, _files: Sequence[Path],
          row: DatasetRow) -> Source:
    if not imports_allowed():
        command = ["python", "-m", "engine", "data", name]
        command += ["--data-path", str(place)] if declared.folder else []
        command += ["--plugin", file.key] if Path(file.key).is_absolute() else []
        raise UserError(f"{name} is not prepared yet: run `{shlex.join(command)}`")

    def refuse(what: str) -> NoReturn:
        raise UserError(f"plug-in {file.path.name}, line {declared.line}: {name} {what}")

    give = pkgutil.resolve_name(declared.place)
    found = _call(give, place) if declared.folder else _call(give)
    if isinstance(found, Arrays):
        return _check(found, row, refuse)
    if not isinstance(found, Source):
        refuse(f"returns {type(found).__name__}, expected engine.plugins.Arrays")
    return found


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call the user's code.

    Raises:
        UserError: it raised, in one line with file and line.
    """
    try:
        return function(*arguments)
    except UserError:
        raise
    except Exception as error:
        raise UserError(describe_error(error)) from error


class _Reader:
    """Pictures that the user's code reads on demand; every part is validated."""

    def __init__(self, images: Any, name: str, refuse: Refuse) -> None:
        self._images, self._name, self._refuse = images, name, refuse
        count = int(_call(len, images))
        if not count:
            refuse(f"gives no {name}")
        first = np.asarray(_call(images.__getitem__, np.zeros(1, np.int64)))
        self.shape: tuple[int, ...] = (count, *first.shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, ids: NDArray[np.int64]) -> Pictures:
        found = np.asarray(_call(self._images.__getitem__, ids))
        if found.dtype != np.uint8 or found.shape != (len(ids), *self.shape[1:]):
            self._refuse(f"gives for {self._name}[{listed(ids.tolist())}] {_describe(found)}, expected uint8 "
                         f"{(len(ids), *self.shape[1:])}")
        return found


def _check(found: Arrays, row: DatasetRow, refuse: Refuse) -> Arrays:
    """Validate the set: pictures uint8 [N, H, W, C], targets int64 [N], or [N, K] of any number of classes, and
    classes."""
    classes = tuple(found.classes or row.classes)
    if row.classes and classes != row.classes:
        refuse(f"gives the classes {listed(classes)}, and declares {listed(row.classes)}")
    if len(classes) < 2:
        there = f"the one class {classes[0]}" if classes else "no classes"
        refuse(f"has {there}: declare them, or give them with the arrays; a "
               "classifier needs two")
    train, test = (_images(getattr(found, f"{split}_images"), f"{split}_images", refuse) for split in ("train", "test"))
    if train.shape[1:] != test.shape[1:]:
        refuse(f"gives training pictures of shape {train.shape[1:]} and test pictures of shape {test.shape[1:]}")
    _, height, width, channels = train.shape
    for what, declared, given in (("size", row.size, max(height, width)), ("channels", row.channels, channels),
                                  ("train", row.train, len(train)), ("test", row.test, len(test))):
        if declared not in (0, given):
            refuse(f"declares {what}={declared}, and gives {given}")
    check = _targets if TASKS[row.task].one_class_a_picture else _labels
    train_targets, test_targets = (
        check(getattr(found, f"{split}_targets"), len(images), len(classes), f"{split}_targets", refuse)
        for split, images in (("train", train), ("test", test)))
    counts = class_counts(train_targets, len(classes)).tolist()
    absent = [name for name, count in zip(classes, counts, strict=True) if not count]
    if absent:
        refuse(f"gives no training picture of {listed(absent)}")
    return Arrays(train, train_targets, test, test_targets, classes, tuple(found.notes), tuple(found.skipped))


def _images(images: Any, name: str, refuse: Refuse) -> Images:
    if not isinstance(images, np.ndarray):
        if not (hasattr(images, "__len__") and hasattr(images, "__getitem__")):
            refuse(f"gives for {name} {type(images).__name__}, expected an array, or a reader with len and [ids]")
        images = _Reader(images, name, refuse)
    elif images.dtype != np.uint8:
        refuse(f"gives for {name} {_describe(images)}, expected uint8")
    if len(images.shape) != 4 or images.shape[3] not in (1, 3) or 0 in images.shape:
        refuse(f"gives for {name} the shape {tuple(images.shape)}, expected N × H × W × C with 1 or 3 channels")
    return images  # type: ignore[no-any-return]


def _targets(given: Any, count: int, classes: int, name: str, refuse: Refuse) -> Targets:
    targets = np.asarray(given)
    if targets.shape != (count,) or targets.dtype.kind not in "iu":
        refuse(f"gives for {name} {_describe(targets)}, expected {count:,} whole numbers, one a picture")
    if targets.min() < 0 or targets.max() >= classes:
        refuse(f"gives for {name} values from {targets.min()} to {targets.max()}, expected 0 to {classes - 1}, the "
               f"places of {classes} classes")
    return targets.astype(np.int64)


def _labels(given: Any, count: int, classes: int, name: str, refuse: Refuse) -> Targets:
    targets = np.asarray(given)
    if targets.shape != (count, classes) or targets.dtype.kind not in "biu" or not np.isin(targets, (0, 1)).all():
        refuse(f"gives for {name} {_describe(targets)}, expected 0 or 1 for each of {count:,} pictures and {classes} "
               "classes")
    return targets.astype(np.int64)


def _describe(array: NDArray[Any]) -> str:
    return f"{array.dtype} of shape {array.shape}"
