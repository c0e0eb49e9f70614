"""``npy``: pictures and targets as NumPy arrays with the usual names, in files of one or of several arrays."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_files import read_arrays
from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays
from engine.data.ledger import Decision
from engine.data.readers.array_labels import labels_of, numbered, several_of
from engine.data.readers.array_pictures import ArrayPictures, shape_text, with_values
from engine.data.readers.array_place import ArrayPlace, NamedArray, ledger, look
from engine.data.readers.depth import parse_values
from engine.data.readers.loaders import Loader, user_place
from engine.data.reading import Reading, split_place
from engine.data.split import hold_out_test
from engine.errors import UserError
from engine.files import open_regular, read_text
from engine.labels.targets import of_class
from engine.tasks import TASKS
from engine.words import listed

_KNOWN = ("range", "axes")
_SAID = re.compile(r"\?\w+=")


@dataclass(frozen=True)
class _Pair:
    """The pictures and labels of a part. Attributes: ``name``, that of the labels' array."""

    name: str
    images: ArrayPictures
    labels: NDArray[Any]
    decisions: list[Decision]


def find(place: Path) -> list[Path]:
    """Return the files with the arrays of training and test, and ``classes.txt`` if it lies beside them.

    The place is a folder, a file, or a pattern such as ``arrays/cifar_*.npy``. Arrays are interpreted by the words of
    their names (``Train_data_npy``, ``x_train.npy``, ``test/labels.npy``), the file's before the folder's; if none is
    named for a part, they are the training ones. Validation arrays are used as test arrays if there are no others; both
    may be missing.

    Returns:
        Nothing if the place does not exist.

    Raises:
        ConfigError: the training arrays are missing, or two have the same role.
    """
    there = look(_split(place)[0])
    return [*dict.fromkeys(there.roles[role].file for part in there.parts for role in part), *there.names] \
        if there else []


def read(place: Path, _files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Return both splits; pictures [N, H, W, C].

    Bytes are read as they are, other numbers scaled by one range of the training pictures, unless ``range`` is said.
    Without test arrays a fixed stratified fifth is held out.

    Raises:
        UserError: an array is unreadable or does not match the others; names it and its contents.
    """
    folder, reading = _split(place)
    there, several = look(folder), not TASKS[row.task].one_class_a_picture
    assert there
    learnt, *others = (_pair(there, roles, reading, several_of if several else labels_of) for roles in there.parts)
    classes = _classes(learnt, there.names)
    tested = _checked(others[0], learnt, classes) if others else None
    train, test, scaling = with_values(learnt.images, tested.images if tested else None,
                                       parse_values(reading.get("range", "")))
    targets = numbered(learnt.name, learnt.labels, classes)
    decisions = [each for pair in (learnt, *others) for each in pair.decisions] + scaling
    if tested and test:
        test_targets = numbered(tested.name, tested.labels, classes)
        absent = [name for label, name in enumerate(classes) if not of_class(test_targets, label).any()]
        decisions += [Decision(f"the test set has no picture of {listed(absent)}")] * bool(absent)
    else:
        kept, held = hold_out_test(targets, classes)
        train, test, targets, test_targets = train.at(kept), train.at(held), targets[kept], targets[held]
        decisions.append(Decision("a stratified fifth of the pictures is held out as the test set",
                                  "there are no test arrays"))
    account = ledger(there)
    account = replace(account, decisions=(*account.decisions, *decisions), looks=_looks(train), values=train.values)
    return Arrays(train, targets, test, test_targets, classes, ledger=account)


def _looks(train: ArrayPictures) -> dict[str, str]:
    _, height, width, channels = train.shape
    depth = f"{train.array.dtype}: {train.values[0]:g} to {train.values[1]:g} are black to white" if train.values else \
        "8 bits"
    return {"sizes": f"all {width}×{height}", "channels": "grey" if channels == 1 else "colour", "depth": depth}


def _split(place: Path) -> tuple[Path, Reading]:
    """Return the place and how it is to be read; ``?`` may also be part of a pattern."""
    return split_place(place, _KNOWN) if _SAID.search(place.name) else (place, {})


def _pair(there: ArrayPlace, roles: tuple[str, str], reading: Reading,
          form: Callable[[str, NDArray[Any]], tuple[NDArray[Any], list[Decision]]]) -> _Pair:
    pictures, targets = (there.roles[role] for role in roles)
    labels, decisions = form(targets.name, _load(targets))
    images = ArrayPictures.of(pictures.name, _load(pictures), len(labels), reading.get("axes", ""))
    if len(images) != len(labels):
        raise UserError(f"{targets.name}: {len(labels):,} labels for the {len(images):,} pictures of {pictures.name}, "
                        f"{shape_text(images.array)}")
    return _Pair(targets.name, images, labels, [*images.ordered(), *decisions])


def _load(each: NamedArray) -> NDArray[Any]:
    try:
        if each.member:
            return read_arrays(each.file)[each.member]
        open_regular(each.file).close()
        array = np.load(each.file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a damaged header raises almost anything
        # NumPy's message may advise to unpickle an untrusted file.
        why = "it holds Python objects, or is no .npy file" if re.search("pickle|Object array", str(error)) else \
            " ".join(str(error).split())
        raise UserError(f"{each.file}: cannot be read as a NumPy array ({why})") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{each.file}: holds several arrays where one is expected; name it .npz")
    return array


def _checked(tested: _Pair, learnt: _Pair, classes: Sequence[str]) -> _Pair:
    """Return the test part.

    Raises:
        UserError: it does not match training.
    """
    if tested.images.shape[1:] != learnt.images.shape[1:]:
        raise UserError(f"{tested.images.name}: shape {shape_text(tested.images.array)} does not match "
                        f"{learnt.images.name}, {shape_text(learnt.images.array)}")
    if tested.labels.dtype.kind != learnt.labels.dtype.kind:
        raise UserError(f"{tested.name}: its labels are {_form(tested)}, those of {learnt.name} {_form(learnt)}")
    if tested.labels.ndim == 2:
        if tested.labels.shape[1] != len(classes):
            raise UserError(f"{tested.name}: {tested.labels.shape[1]} classes, and {learnt.name} has {len(classes)}")
        return tested
    if tested.labels.dtype.kind != "U" and tested.labels.max() >= len(classes):
        raise UserError(f"{tested.name}: label {tested.labels.max()} is beyond the {len(classes)} classes of "
                        f"{learnt.name}")
    return tested


def _form(pair: _Pair) -> str:
    return "names" if pair.labels.dtype.kind == "U" else "numbers"


def _classes(learnt: _Pair, files: Sequence[Path]) -> tuple[str, ...]:
    """Return class names from ``classes.txt``, one per line, else those in the labels, else numbers."""
    if learnt.labels.ndim == 2:
        return _columns(learnt, files)
    present = np.unique(learnt.labels)
    if len(present) < 2:
        raise UserError(f"{learnt.name}: every label is {present[0]}; a classifier needs two classes")
    listed_names = _listed_names(files)
    if learnt.labels.dtype.kind == "U":
        known = tuple(sorted(present.tolist(), key=lambda name: (len(name) if name.isdecimal() else 0, name)))
        absent = next((name for name in listed_names if name not in known), None)
        if absent:
            raise UserError(f"{learnt.name}: no label is {absent!r}, which {files[0]} lists")
        return listed_names or known
    highest = int(present[-1])
    classes = listed_names or tuple(map(str, range(highest + 1)))
    if highest >= len(classes):
        raise UserError(f"{learnt.name}: label {highest} is beyond the {len(classes)} classes of {files[0]}")
    gaps = sorted(set(range(len(classes))) - set(present.tolist()))
    if gaps:
        raise UserError(f"{learnt.name}: no label {gaps[0]} among {len(classes)} classes (labels run from {present[0]} "
                        f"to {highest}); number the classes from 0 without gaps")
    return classes


def _columns(learnt: _Pair, files: Sequence[Path]) -> tuple[str, ...]:
    """Return the name of each column of targets."""
    count = learnt.labels.shape[1]
    names = _listed_names(files) or tuple(map(str, range(count)))
    if len(names) != count:
        raise UserError(f"{learnt.name}: {count} columns, and {files[0]} lists {len(names)} classes")
    absent = [name for name, there in zip(names, learnt.labels.max(axis=0).tolist(), strict=True) if not there]
    if absent:
        raise UserError(f"{learnt.name}: no training picture has {listed(absent)}; leave such columns out")
    return names


def _listed_names(files: Sequence[Path]) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, read_text(files[0]).splitlines()))) if files else ()


LOADER = Loader(user_place, find, read)
