"""Prepared data sets: arrays that later loads memory-map in milliseconds, with what was computed from them once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Arrays, Dataset, Images, LazyPictures, Pictures, fingerprint, levels_of, mean_and_std
from engine.data.folders import replacing_folder
from engine.data.readers.gathering import Gathered, gathered
from engine.data.readers.listing import Listing
from engine.data.readers.picture_files import PictureFiles
from engine.home import data_dir, home, stored_path

FORMAT = 2
"""Of what is written beside the arrays; prepared sets of another are prepared again."""

_ARRAYS = ("train_images", "train_targets", "test_images", "test_targets")
_FILES = "files.json"
_CHUNK = 256


def prepared_dir(name: str, source: Path) -> Path:
    """The folder for one data set from one source folder; that of an earlier version, where there is one."""
    keys = (hashlib.sha256(place.encode()).hexdigest()[:8] for place in (stored_path(source), str(source.resolve())))
    now, earlier = (data_dir() / "prepared" / f"{name}-{key}" for key in keys)
    return earlier if earlier.exists() and not now.exists() else now


def signature(files: Sequence[Path], stamp: str = "") -> str:
    """Changes with the name, size or time of any of the source files, or with the ``stamp`` of those not among them."""
    status = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
    return hashlib.sha256(json.dumps([status, stamp]).encode()).hexdigest()[:16]


def write_prepared(folder: Path, name: str, classes: Sequence[str], source: Arrays | Listing, signed: str) -> None:
    """Write the set and ``meta.json`` as one folder, whole or not at all.

    Args:
        classes: class names, where the source does not tell its own.
        signed: the :func:`signature` of what it was read from.

    Raises:
        UserError: too many listed pictures cannot be read.
        OSError: the folder cannot be written or the disk is full.
    """
    with replacing_folder(folder) as temporary:
        found = gathered(source, temporary) if isinstance(source, Listing) else _counted(source, temporary)
        arrays = found.arrays
        mean, std = mean_and_std(found.levels)
        meta = {
            "format": FORMAT, "name": name, "classes": list(arrays.classes or classes), "source": signed,
            "fingerprint": found.digest if found.files else fingerprint(arrays), "mean": mean, "std": std,
            "notes": arrays.notes, "skipped": arrays.skipped,
            "streamed": found.files is not None,
            "shapes": {key: list(getattr(arrays, key).shape) for key in _ARRAYS},
        }
        if found.files and isinstance(source, Listing):
            (temporary / _FILES).write_text(json.dumps({"root": stored_path(source.root), **found.files}))
        for key in _ARRAYS:
            array, file = getattr(arrays, key), temporary / f"{key}.npy"
            if isinstance(array, np.ndarray) and not file.exists():  # else it is streamed, or was written
                np.save(file, array)
        (temporary / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")


def open_prepared(folder: Path, signed: str) -> Dataset | None:
    """The prepared data set, its pictures memory-mapped or, if it is too large for memory, in their own files.

    Args:
        signed: the :func:`signature` of what it must have been prepared from; empty: not checked.

    Returns:
        None when it is not there, is broken (a file missing, cut short, of another shape or kind), was written by
        another version, or comes from files that changed since.
    """
    try:
        meta = read_meta(folder)
        if meta is None or (signed and meta["source"] != signed):
            return None
        arrays = _opened(folder, meta)
        if any(list(arrays[key].shape) != meta["shapes"][key] for key in _ARRAYS):
            return None
        return Dataset(**arrays, name=meta["name"], classes=tuple(meta["classes"]), fingerprint=meta["fingerprint"],
                       mean=tuple(meta["mean"]), std=tuple(meta["std"]), notes=tuple(meta["notes"]),
                       skipped=tuple(meta["skipped"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def read_meta(folder: Path) -> dict[str, Any] | None:
    """What is written of a prepared set beside its arrays; None when it is not there or of another version."""
    try:
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        return meta if meta["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _counted(arrays: Arrays, folder: Path) -> Gathered:
    train, test = (images if isinstance(images, np.ndarray) else _written(images, folder / f"{split}_images.npy")
                   for split, images in (("train", arrays.train_images), ("test", arrays.test_images)))
    return Gathered(replace(arrays, train_images=train, test_images=test), levels_of(train), "", None)


def _written(images: LazyPictures, file: Path) -> Pictures:
    """Pictures read a part at a time into a file, and memory-mapped: they need not fit into memory."""
    array = np.lib.format.open_memmap(file, "w+", np.uint8, images.shape)
    for start in range(0, len(images), _CHUNK):
        ids = np.arange(start, min(start + _CHUNK, len(images)))
        array[ids] = images[ids]
    array.flush()
    pictures: Pictures = np.load(file, mmap_mode="r")
    return pictures


def _opened(folder: Path, meta: dict[str, Any]) -> dict[str, Any]:
    """Pictures and targets of both splits.

    Raises:
        OSError, EOFError, ValueError: a file is missing or broken.
    """
    found: dict[str, Any] = {key: np.load(folder / f"{key}.npy") for key in _ARRAYS if key.endswith("targets")}
    files = json.loads((folder / _FILES).read_text()) if (folder / _FILES).exists() else None
    for split in ("train", "test"):
        key = f"{split}_images"
        found[key] = _streamed(files, split, meta["shapes"][key]) if files else np.load(folder / f"{key}.npy", "r")
        if found[f"{split}_targets"].dtype != np.int64 or (not files and found[key].dtype != np.uint8):
            raise ValueError("of another kind")
    return found


def _streamed(files: dict[str, Any], split: str, shape: Sequence[int]) -> Images:
    root = home() / files["root"]
    if not root.is_dir():
        raise FileNotFoundError(root)
    return PictureFiles(root, files[split], shape[1], shape[3])
