"""``folder``: pictures in one subfolder a class, with or without folders for training and test around them."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Targets
from engine.data.readers.listing import SPLITS, Listing, class_names, content_stamp, picture_names
from engine.data.readers.loaders import Loader
from engine.data.readers.picture_files import common_form
from engine.data.split import hold_out_test
from engine.errors import ConfigError

_LISTED = 5


def folders(data_path: Path | None) -> list[Path]:
    """Only the folder the user names."""
    return [data_path] if data_path else []


def find(folder: Path) -> list[Path]:
    """The folder itself, or nothing when it is not there."""
    return [folder] if folder.is_dir() else []


def read(folder: Path, _files: Sequence[Path], _row: DatasetRow) -> Listing:
    """As :func:`look`."""
    return look(folder)


def look(folder: Path) -> Listing:
    """Which pictures there are, and which split and class each belongs to.

    Classes are numbered in the order of their folders' names; pictures may lie in folders below them. Without a test
    folder ``val`` is the test set; without either, a stratified fifth by a fixed seed is.

    Raises:
        ConfigError: no such folder, no pictures, fewer than two classes, a class without training pictures.
    """
    if not folder.is_dir():
        raise _not(folder, "a folder that is there")
    splits = {SPLITS[name.lower()]: name for name in class_names(folder) if name.lower() in SPLITS}
    if "train" not in splits:
        return _divided(folder, "")
    found = splits.get("test") or splits.get("val")
    if not found or not class_names(folder / found):
        return _divided(folder, splits["train"])
    notes = [f"the pictures in {found} are the test set"]
    if "test" in splits and "val" in splits:
        notes.append(f"the pictures in {splits['val']} are not used: val_fraction of {splits['train']} is held back")
    classes, train, targets = _pictures(folder, splits["train"])
    test, test_targets = _test(folder, found, classes, notes)
    side, channels = common_form(folder, train)
    return Listing(folder, train, targets, test, test_targets, side, channels, classes, tuple(notes))


def _divided(folder: Path, inside: str) -> Listing:
    classes, names, targets = _pictures(folder, inside)
    train, test = hold_out_test(targets, classes)
    side, channels = common_form(folder, names)
    return Listing(folder, tuple(names[place] for place in train), targets[train],
                   tuple(names[place] for place in test), targets[test], side, channels, classes,
                   ("there is no test folder: a stratified fifth of the pictures is held out as the test set",))


def _pictures(folder: Path, inside: str) -> tuple[tuple[str, ...], tuple[str, ...], Targets]:
    """The classes of a split, with its pictures and their targets."""
    here = folder / inside
    found = {name: picture_names(folder, os.path.join(inside, name)) for name in class_names(here)}  # noqa: PTH118
    if not any(found.values()):
        raise _not(here, "a folder with one subfolder of pictures for each class")
    empty = [name for name, names in found.items() if not names]
    if len(found) - len(empty) < 2:
        raise _not(here, f"a folder with two or more classes: only {next(name for name in found if found[name])} "
                         "has pictures")
    if empty:
        raise _not(here, f"a folder with pictures of every class: {_few(empty)} has none")
    names = tuple(name for names in found.values() for name in names)
    targets = np.repeat(np.arange(len(found), dtype=np.int64), [len(names) for names in found.values()])
    return tuple(found), names, targets


def _test(folder: Path, inside: str, classes: Sequence[str],
          notes: list[str]) -> tuple[tuple[str, ...], Targets]:
    """The test pictures; notes which classes have none."""
    unknown = sorted(set(class_names(folder / inside)) - set(classes))
    if unknown:
        raise _not(folder / inside, f"a folder of the classes in training: {_few(unknown)} has no training pictures")
    found = [picture_names(folder, os.path.join(inside, name)) for name in classes]  # noqa: PTH118
    absent = [name for name, names in zip(classes, found, strict=True) if not names]
    if len(absent) == len(classes):
        raise _not(folder / inside, "a folder with one subfolder of pictures for each class")
    if absent:
        notes.append(f"the test set has no picture of {_few(absent)}")
    targets = np.repeat(np.arange(len(classes), dtype=np.int64), [len(names) for names in found])
    return tuple(name for names in found for name in names), targets


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (" and others" if len(names) > _LISTED else "")


def _not(folder: Path, expected: str) -> ConfigError:
    return ConfigError("data_path", str(folder), expected)


LOADER = Loader(folders, find, read, stamp=content_stamp)
