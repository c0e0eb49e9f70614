"""Prepared data sets: arrays that later loads memory-map in milliseconds, with what was computed from them once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Arrays, Dataset, fingerprint, levels_of, mean_and_std
from engine.data.folders import replacing_folder
from engine.home import data_dir

_FORMAT = 1
_ARRAYS = ("train_images", "train_targets", "test_images", "test_targets")


def prepared_dir(name: str, source: Path) -> Path:
    """The folder for one data set from one source folder."""
    key = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]
    return data_dir() / "prepared" / f"{name}-{key}"


def write_prepared(folder: Path, name: str, classes: Sequence[str], arrays: Arrays, files: Sequence[Path]) -> None:
    """Write the arrays and ``meta.json`` as one folder, whole or not at all; ``files`` are what they were read from.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    mean, std = mean_and_std(levels_of(arrays.train_images))
    meta = {
        "format": _FORMAT, "name": name, "classes": list(classes), "fingerprint": fingerprint(arrays),
        "mean": mean, "std": std, "source": _signature(files),
        "shapes": {key: list(getattr(arrays, key).shape) for key in _ARRAYS},
    }
    with replacing_folder(folder) as temporary:
        for key in _ARRAYS:
            np.save(temporary / f"{key}.npy", getattr(arrays, key))
        (temporary / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")


def open_prepared(folder: Path, files: Sequence[Path]) -> Dataset | None:
    """The prepared data set with its pictures memory-mapped.

    Args:
        files: what it must have been prepared from (names, sizes and times are compared); empty: not checked.

    Returns:
        None when it is not there, is broken (a file missing, cut short, of another shape or kind), was written by
        another version, or comes from files that changed since.
    """
    try:
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if meta["format"] != _FORMAT or (files and meta["source"] != _signature(files)):
            return None
        arrays = {key: np.load(folder / f"{key}.npy", mmap_mode="r" if key.endswith("images") else None)
                  for key in _ARRAYS}
        if any(list(arrays[key].shape) != meta["shapes"][key] or arrays[key].dtype != _kind(key) for key in _ARRAYS):
            return None
        return Dataset(**arrays, name=meta["name"], classes=tuple(meta["classes"]), fingerprint=meta["fingerprint"],
                       mean=tuple(meta["mean"]), std=tuple(meta["std"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def _kind(key: str) -> type[np.generic]:
    return np.uint8 if key.endswith("images") else np.int64


def _signature(files: Sequence[Path]) -> list[list[Any]]:
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
