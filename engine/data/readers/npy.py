"""``npy``: pictures and targets as NumPy arrays in files with the usual names."""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.loaders import Loader, user_place
from engine.data.readers.split_words import SPLITS
from engine.data.split import hold_out_test
from engine.errors import ConfigError, UserError
from engine.files import open_regular, read_text

_TRAIN, _TEST = ("train images", "train targets"), (("test images", "test targets"), ("val images", "val targets"))
_KINDS = dict.fromkeys(("images", "image", "imgs", "img", "pictures", "data", "x"), "images") | \
    dict.fromkeys(("targets", "target", "labels", "label", "y"), "targets")
_NAMES = "classes.txt"
_LOOKED_FOR = ("four arrays named for train or test (val) and for images (data, x) or targets (labels, y), "
               "such as train_images.npy and train_targets.npy")
_FILES_LOOKED_AT = 1000


def find(place: Path) -> list[Path]:
    """Return the arrays of training and test, and ``classes.txt`` if it lies beside them.

    The place is a folder, or a pattern such as ``arrays/cifar_*.npy``. Names are interpreted by their words
    (``Train_data_npy``, ``x_train.npy``, ``test/labels.npy``), the file's before the folder's. Validation arrays are
    used as test arrays if there are no others; both may be missing.

    Returns:
        Nothing if the place does not exist.

    Raises:
        ConfigError: the training arrays are missing, or two files have the same role.
    """
    files = list(_candidates(place))
    if not files and not place.exists():
        return []
    found: dict[str, Path] = {}
    for file, name in files:
        role = _role(name)
        if role in found:
            raise ConfigError("data_path", str(place), f"one array of each kind: {found[role].name} and {file.name} "
                                                       f"are both {role}")
        if role:
            found[role] = file
    wanted = _TRAIN + next((roles for roles in _TEST if set(roles) & set(found)), ())
    missing = [role for role in wanted if role not in found]
    if missing:
        raise ConfigError("data_path", str(place), f"a place with {_LOOKED_FOR}; missing: {', '.join(missing)}")
    names = found[_TRAIN[0]].parent / _NAMES
    return [*(found[role] for role in wanted), *([names] if names.is_file() else [])]


def read(_place: Path, files: Sequence[Path], _row: DatasetRow) -> Arrays:
    """Return both splits; pictures uint8 [N, H, W, C] from arrays of that shape, or [N, H, W] for grey.

    Without test arrays a fixed stratified fifth is held out.

    Raises:
        UserError: an array is unreadable or does not match the others; names the file and its contents.
    """
    arrays = [file for file in files if file.name != _NAMES]
    images, targets = _images(arrays[0]), _targets(arrays[1])
    _check_pair(arrays[0], images, arrays[1], targets)
    classes = _classes(arrays[1], targets, [file for file in files if file.name == _NAMES])
    if len(arrays) == 2:
        train, test = hold_out_test(targets, classes)
        note = "there are no test arrays: a stratified fifth of the pictures is held out as the test set"
        return Arrays(images[train], targets[train], images[test], targets[test], classes, (note,))
    test_images, test_targets = _images(arrays[2]), _targets(arrays[3])
    _check_pair(arrays[2], test_images, arrays[3], test_targets)
    if test_images.shape[1:] != images.shape[1:]:
        raise UserError(f"{arrays[2]}: shape {_shape(test_images)} does not match {arrays[0].name}, "
                        f"{_shape(images)}")
    if test_targets.max() >= len(classes):
        raise UserError(f"{arrays[3]}: label {test_targets.max()} is beyond the {len(classes)} classes of "
                        f"{arrays[1].name}")
    absent = [name for label, name in enumerate(classes) if not (test_targets == label).any()]
    notes = (f"the test set has no picture of {', '.join(absent)}",) if absent else ()
    return Arrays(images, targets, test_images, test_targets, classes, notes)


def _candidates(place: Path) -> Iterator[tuple[Path, str]]:
    """Yield files that may be arrays, with their names inside the place."""
    if place.is_dir():
        found = sorted(path for depth in ("*", "*/*") for path in place.glob(depth))
        base = place
    else:
        found = sorted(map(Path, glob.glob(str(place.expanduser()))))  # noqa: PTH207 - the pattern may be absolute
        base = Path(os.path.commonpath([path.parent for path in found])) if found else place
    for path in found[:_FILES_LOOKED_AT]:
        name = str(path.relative_to(base))
        if re.search(r"[._]npy$", name, re.IGNORECASE) and path.is_file() and not path.name.startswith("."):
            yield path, name


def _role(name: str) -> str:
    """Return a file's role, such as ``train images``, by the words of its name, else of its folder's name."""
    *folder, file = [re.findall(r"[a-z]+", part.lower()) for part in Path(name).parts]
    around = [word for words in folder for word in words]
    return next((f"{split} {kind}" for split in (_meaning(SPLITS, file) or _meaning(SPLITS, around),)
                 for kind in (_meaning(_KINDS, file) or _meaning(_KINDS, around),) if split and kind), "")


def _meaning(words: dict[str, str], found: Sequence[str]) -> str:
    """Return the meaning of the words; ``train_data_labels`` are targets."""
    meanings = [words[word] for word in found if word in words]
    return "targets" if "targets" in meanings else meanings[0] if meanings else ""


def _load(file: Path) -> NDArray[Any]:
    try:
        open_regular(file).close()
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a damaged header raises almost anything
        # NumPy's message may advise to unpickle an untrusted file.
        why = "it holds Python objects, or is no .npy file" if "pickle" in str(error) else " ".join(str(error).split())
        raise UserError(f"{file}: cannot be read as a NumPy array ({why})") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{file}: holds several arrays where one is expected")
    return array


def _images(file: Path) -> Pictures:
    array = _load(file)
    if array.dtype != np.uint8:
        raise UserError(f"{file}: holds {array.dtype} values of shape {_shape(array)}; pictures must be uint8, 0 to "
                        "255")
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in (1, 3) or 0 in array.shape:
        hint = "; channels come last" if array.ndim == 4 and array.shape[1] in (1, 3) else ""
        raise UserError(f"{file}: shape {_shape(array)} is not pictures [N, H, W, C] of 1 or 3 channels{hint}")
    return array


def _targets(file: Path) -> Targets:
    array = _load(file)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        raise UserError(f"{file}: shape {_shape(array)} is not one label a picture, [N]")
    if array.dtype.kind not in "iu":
        raise UserError(f"{file}: holds {array.dtype} values; labels must be whole numbers from 0")
    if array.min() < 0 or array.max() >= len(array) + 1_000_000:
        raise UserError(f"{file}: label {array.min() if array.min() < 0 else array.max()} is out of range; labels "
                        "count from 0")
    return array.astype(np.int64)


def _check_pair(image_file: Path, images: Pictures, target_file: Path, targets: Targets) -> None:
    if len(images) != len(targets):
        raise UserError(f"{target_file}: {len(targets):,} labels for the {len(images):,} pictures of "
                        f"{image_file.name}, {_shape(images)}")


def _classes(file: Path, targets: Targets, names: Sequence[Path]) -> tuple[str, ...]:
    """Return class names from ``classes.txt``, one per line, else numbers."""
    present, highest = np.unique(targets), int(targets.max())
    if len(present) < 2:
        raise UserError(f"{file}: every label is {highest}; a classifier needs two classes")
    classes = tuple(map(str, range(highest + 1)))
    if names:
        classes = tuple(filter(None, map(str.strip, read_text(names[0]).splitlines())))
    if highest >= len(classes):
        raise UserError(f"{file}: label {highest} is beyond the {len(classes)} classes of {names[0]}")
    gaps = sorted(set(range(len(classes))) - set(present.tolist()))
    if gaps:
        raise UserError(f"{file}: no label {gaps[0]} among {len(classes)} classes (labels run from {present[0]} to "
                        f"{highest}); number the classes from 0 without gaps")
    return classes


def _shape(array: NDArray[Any]) -> str:
    return f"({', '.join(map(str, array.shape))})"


LOADER = Loader(user_place, find, read)
