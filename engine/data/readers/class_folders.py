"""``folder``: pictures in one subfolder per class, optionally inside folders for training and test."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Targets
from engine.data.readers.listing import SPLITS, Listing, class_names, picture_names
from engine.data.readers.loaders import user_folder
from engine.data.readers.picture_files import common_shape
from engine.data.split import hold_out_test
from engine.errors import ConfigError
from engine.words import listed


def read(folder: Path, _files: Sequence[Path], _row: DatasetRow) -> Listing:
    """List the pictures with their splits and classes.

    Classes are numbered in the order of their folders' names; pictures may lie in deeper folders. Without a test folder
    ``val`` is the test set; without either, a fixed stratified fifth.

    Raises:
        ConfigError: no such folder, no pictures, fewer than two classes, a class without training pictures.
    """
    if not folder.is_dir():
        raise _folder_error(folder, "an existing folder")
    splits = {SPLITS[name.lower()]: name for name in class_names(folder) if name.lower() in SPLITS}
    if "train" not in splits:
        return _divide(folder, "")
    found = splits.get("test") or splits.get("val")
    if not found or not class_names(folder / found):
        return _divide(folder, splits["train"])
    notes = [f"the pictures in {found} are the test set"]
    if "test" in splits and "val" in splits:
        notes.append(f"the pictures in {splits['val']} are not used: val_fraction of {splits['train']} is held back")
    classes, train, targets = _pictures(folder, splits["train"])
    test, test_targets = _test(folder, found, classes, notes)
    side, channels = common_shape(folder, train)
    return Listing(folder, train, targets, test, test_targets, side, channels, classes, tuple(notes))


def _divide(folder: Path, inside: str) -> Listing:
    classes, names, targets = _pictures(folder, inside)
    train, test = hold_out_test(targets, classes)
    side, channels = common_shape(folder, names)
    return Listing(folder, tuple(names[place] for place in train), targets[train],
                   tuple(names[place] for place in test), targets[test], side, channels, classes,
                   ("there is no test folder: a stratified fifth of the pictures is held out as the test set",))


def _pictures(folder: Path, inside: str) -> tuple[tuple[str, ...], tuple[str, ...], Targets]:
    """Return the classes of a split, its pictures and their targets."""
    here = folder / inside
    found = {name: picture_names(folder, os.path.join(inside, name)) for name in class_names(here)}  # noqa: PTH118
    if not any(found.values()):
        raise _folder_error(here, "a folder with one subfolder of pictures for each class")
    empty = [name for name, names in found.items() if not names]
    if len(found) - len(empty) < 2:
        single = next(name for name in found if found[name])
        raise _folder_error(here, f"a folder with two or more classes: only {single} has pictures")
    if empty:
        raise _folder_error(here, f"a folder with pictures of every class: {listed(empty)} has none")
    names = tuple(name for names in found.values() for name in names)
    targets = np.repeat(np.arange(len(found), dtype=np.int64), [len(names) for names in found.values()])
    return tuple(found), names, targets


def _test(folder: Path, inside: str, classes: Sequence[str],
          notes: list[str]) -> tuple[tuple[str, ...], Targets]:
    """Return the test pictures and their targets; notes classes without any."""
    unknown = sorted(set(class_names(folder / inside)) - set(classes))
    if unknown:
        raise _folder_error(folder / inside, f"a folder of the training classes: {listed(unknown)} has no training "
                                             "pictures")
    found = [picture_names(folder, os.path.join(inside, name)) for name in classes]  # noqa: PTH118
    absent = [name for name, names in zip(classes, found, strict=True) if not names]
    if len(absent) == len(classes):
        raise _folder_error(folder / inside, "a folder with one subfolder of pictures for each class")
    if absent:
        notes.append(f"the test set has no picture of {listed(absent)}")
    targets = np.repeat(np.arange(len(classes), dtype=np.int64), [len(names) for names in found])
    return tuple(name for names in found for name in names), targets


def _folder_error(folder: Path, expected: str) -> ConfigError:
    return ConfigError("data_path", str(folder), expected)


LOADER = user_folder(read)
