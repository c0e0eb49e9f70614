"""``folder``: pictures in one subfolder per class, optionally inside folders for training and test."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Targets
from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.listing import SPLITS, Listing, Scan, class_names, scan
from engine.data.readers.loaders import user_folder
from engine.data.readers.picture_files import common_shape
from engine.data.split import hold_out_test
from engine.errors import ConfigError
from engine.words import listed

_Classes = dict[str, list[str]]
"""The pictures of each class, by its name."""


def read(folder: Path, _files: Sequence[Path], _row: DatasetRow) -> Listing:
    """List the pictures with their splits and classes.

    Classes are numbered in the order of their folders' names; pictures may lie in deeper folders. Without a test folder
    ``val`` is the test set; without either, a fixed stratified fifth.

    Raises:
        ConfigError: no such folder, no pictures, fewer than two classes, a class without training pictures.
    """
    if not folder.is_dir():
        raise _folder_error(folder, "an existing folder")
    files = scan(folder)
    splits = {SPLITS[name.lower()]: name for name in class_names(folder) if name.lower() in SPLITS}
    if "train" not in splits:
        return _divide(folder, "", files)
    found = splits.get("test") or splits.get("val")
    if not found or not class_names(folder / found):
        return _divide(folder, splits["train"], files)
    decisions = [Decision(f"the pictures in {found} are the test set",
                          "that is its name" if "test" in splits else "there is no test folder")]
    if "test" in splits and "val" in splits:
        decisions.append(Decision(f"the pictures in {splits['val']} are not used",
                                  f"val_fraction of {splits['train']} is held back"))
    learnt = _pictures(folder, splits["train"], files)
    tested = _test(folder, found, files, tuple(learnt), decisions)
    (train, targets), (test, test_targets) = _labelled(learnt), _labelled(tested)
    side, channels = common_shape(folder, train)
    parts = Part("train", f"the folder {splits['train']}"), Part("test", f"the folder {found}")
    return Listing(folder, train, targets, test, test_targets, side, channels, tuple(learnt),
                   _ledger(files, train, test, parts, decisions))


def _divide(folder: Path, inside: str, files: Scan) -> Listing:
    found = _pictures(folder, inside, files)
    names, targets = _labelled(found)
    learnt, held = hold_out_test(targets, tuple(found))
    train, test = tuple(names[place] for place in learnt), tuple(names[place] for place in held)
    side, channels = common_shape(folder, names)
    origin = f"the folder {inside}" if inside else "the class folders"
    parts = Part("train", origin), Part("test", f"{origin}, held out by Darkroom")
    return Listing(folder, train, targets[learnt], test, targets[held], side, channels, tuple(found),
                   _ledger(files, train, test, parts, [Decision(
                       "a stratified fifth of the pictures is held out as the test set", "there is no test folder")]))


def _ledger(files: Scan, train: Sequence[str], test: Sequence[str], parts: tuple[Part, ...],
            decisions: Sequence[Decision]) -> Ledger:
    used = {*train, *test}
    unused = {name: "in no folder of a class that is used" for name in files.pictures if name not in used}
    account = Account.of_names("files", (*files.pictures, *files.others), {"train": train, "test": test},
                               files.others | unused)
    looks = {"links": f"{files.links:,} files behind links, which are followed"} if files.links else {}
    return Ledger((account,), parts, tuple(decisions), looks)


def _labelled(classes: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], Targets]:
    """Return the pictures of all classes, and their targets."""
    targets = np.repeat(np.arange(len(classes), dtype=np.int64), [len(names) for names in classes.values()])
    return tuple(name for names in classes.values() for name in names), targets


def _inside(folder: Path, inside: str, files: Scan) -> _Classes:
    """Return the pictures of each subfolder."""
    found: _Classes = {name: [] for name in class_names(folder / inside)}
    start = f"{inside}/" if inside else ""
    for name in files.pictures:
        label, _, rest = name.removeprefix(start).partition("/")
        if name.startswith(start) and rest:
            found[label].append(name)
    return found


def _pictures(folder: Path, inside: str, files: Scan) -> _Classes:
    """Return the pictures of each class of the training part."""
    here, found = folder / inside, _inside(folder, inside, files)
    if not any(found.values()):
        raise _folder_error(here, "a folder with one subfolder of pictures for each class")
    empty = [name for name, names in found.items() if not names]
    if len(found) - len(empty) < 2:
        single = next(name for name in found if found[name])
        raise _folder_error(here, f"a folder with two or more classes: only {single} has pictures")
    if empty:
        raise _folder_error(here, f"a folder with pictures of every class: {listed(empty)} has none")
    return found


def _test(folder: Path, inside: str, files: Scan, classes: Sequence[str], decisions: list[Decision]) -> _Classes:
    """Return the test pictures of each training class; notes classes without any."""
    found = _inside(folder, inside, files)
    unknown = sorted(set(found) - set(classes))
    if unknown:
        raise _folder_error(folder / inside, f"a folder of the training classes: {listed(unknown)} has no training "
                                             "pictures")
    absent = [name for name in classes if not found.get(name)]
    if len(absent) == len(classes):
        raise _folder_error(folder / inside, "a folder with one subfolder of pictures for each class")
    if absent:
        decisions.append(Decision(f"the test set has no picture of {listed(absent)}"))
    return {name: found.get(name, []) for name in classes}


def _folder_error(folder: Path, expected: str) -> ConfigError:
    return ConfigError("data_path", str(folder), expected)


LOADER = user_folder(read, None)
