"""Prepared data sets: arrays that are memory-mapped in milliseconds, with their statistics."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.array_files import open_array
from engine.data.dataset import Arrays, Dataset, Images, LazyPictures, Pictures, count_levels, fingerprint, mean_and_std
from engine.data.folders import replace_folder
from engine.data.ledger import Account, Ledger
from engine.data.photographs.source import FileList
from engine.data.readers.listing import Listing
from engine.data.readers.picture_files import CHECKSUM, PictureFiles
from engine.data.readers.pictures import Gathered, gather
from engine.disk_space import claim
from engine.files import read_json
from engine.home import data_dir, home, real, stored_path
from engine.labels.targets import class_counts

FORMAT = 2
"""Version of the folder's contents; sets of another version are prepared again."""

_ARRAYS = ("train_images", "train_targets", "test_images", "test_targets")
_FILES = "files.json"
SAMPLES = "samples.json"
"""Names and sizes of the test pictures, where each has a file of its own."""
_CHUNK = 256


def prepared_dir(name: str, source: Path) -> Path:
    """Return the folder for a data set from a source folder, or an existing one named by an earlier version."""
    keys = (hashlib.sha256(place.encode()).hexdigest()[:8] for place in (stored_path(source), str(real(source))))
    now, earlier = (data_dir() / "prepared" / f"{name}-{key}" for key in keys)
    return earlier if earlier.exists() and not now.exists() else now


def signature(files: Sequence[Path], stamp: str = "") -> str:
    """Return a hash of name, size and time of the source files, and of a ``stamp`` for other files."""
    status = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
    return hashlib.sha256(json.dumps([status, stamp]).encode()).hexdigest()[:16]


def write_prepared(folder: Path, name: str, classes: Sequence[str], source: Arrays | Listing, signed: str) -> None:
    """Write the set and ``meta.json`` as one folder, atomically.

    Args:
        classes: class names, if the source has none.
        signed: the source's :func:`signature`.

    Raises:
        UserError: too many listed pictures cannot be read.
        OSError: the folder cannot be written or the disk is full.
    """
    with replace_folder(folder) as temporary:
        found = gather(source, temporary) if isinstance(source, Listing) else _count(source, temporary)
        arrays = found.arrays
        mean, std = mean_and_std(found.levels)
        meta = {
            "format": FORMAT, "name": name, "classes": list(arrays.classes or classes), "source": signed,
            "fingerprint": found.digest if found.streamed else fingerprint(arrays), "mean": mean, "std": std,
            "notes": (*arrays.notes, *map(str, arrays.ledger.decisions)), "skipped": arrays.skipped,
            "ledger": _ledger(arrays, arrays.classes or classes, isinstance(source, Listing)).document(),
            "streamed": found.streamed, "listed": found.files is not None,
            "shapes": {key: list(getattr(arrays, key).shape) for key in _ARRAYS},
        }
        if found.files and isinstance(source, Listing):
            (temporary / _FILES).write_text(json.dumps({"root": stored_path(source.root), **found.files}))
            for key, kept in found.kept.items():
                np.save(temporary / f"{key}.npy", kept)
        if found.samples:
            (temporary / SAMPLES).write_text(json.dumps(found.samples))
        for key in _ARRAYS:
            array, file = getattr(arrays, key), temporary / f"{key}.npy"
            if isinstance(array, np.ndarray) and not file.exists():  # else it is streamed, or already written
                np.save(file, array)
        (temporary / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")


def open_prepared(folder: Path, signed: str) -> Dataset | None:
    """Open a prepared data set, its pictures memory-mapped, or in their files if too large for memory.

    Args:
        signed: required :func:`signature` of the source; empty: any.

    Returns:
        None if it is missing, broken, of another version, or made from other files.
    """
    try:
        meta = read_meta(folder)
        if meta is None or (signed and not made_from(meta, signed)):
            return None
        files = _open_files(folder, meta)
        arrays = _open_arrays(folder, meta, files)
        if any(list(arrays[key].shape) != meta["shapes"][key] for key in _ARRAYS):
            return None
        if signed and not files and (folder / SAMPLES).exists():  # made by a version that did not keep them
            return None
        return Dataset(**arrays, files=files, name=meta["name"], classes=tuple(meta["classes"]),
                       fingerprint=meta["fingerprint"], mean=tuple(meta["mean"]), std=tuple(meta["std"]),
                       notes=tuple(meta["notes"]), skipped=tuple(meta["skipped"]),
                       ledger=Ledger.of_document(meta.get("ledger", {})))
    except DAMAGED:
        return None


DAMAGED = (OSError, ValueError, LookupError, TypeError, AttributeError)
"""What reading a prepared copy may raise; it is then made again."""


def read_meta(folder: Path) -> dict[str, Any] | None:
    """Return the contents of ``meta.json``; None if it is missing, damaged or of another version."""
    try:
        meta = read_json(folder / "meta.json")
        sound = meta["format"] == FORMAT and all(len(meta["shapes"][f"{split}_images"]) == 4 and all(
            type(side) is int for side in meta["shapes"][f"{split}_images"]) for split in ("train", "test"))
        return meta if sound and all(isinstance(meta[key], list) for key in ("classes", "skipped", "notes")) else None
    except DAMAGED:
        return None


def made_from(meta: dict[str, Any], signed: str) -> bool:
    """Whether a prepared copy was made from files with this signature, by a version that kept their account."""
    return meta["source"] == signed and "ledger" in meta


def _ledger(arrays: Arrays, classes: Sequence[str], listed: bool) -> Ledger:
    """Return the account of the arrays' files with the samples of each part, all of which were read.

    Args:
        listed: the files are pictures, so that they need no account of their own.
    """
    counts = {split: class_counts(targets, len(classes)).tolist()
              for split, targets in (("train", arrays.train_targets), ("test", arrays.test_targets))}
    used = {"train": len(arrays.train_targets), "test": len(arrays.test_targets)}
    units = {split: f"labels in {count:,} pictures" for split, count in used.items()} \
        if arrays.train_targets.ndim == 2 else {}
    ledger = arrays.ledger.with_samples({split: dict(zip(classes, each, strict=True))
                                         for split, each in counts.items()}, units)
    pictures = () if listed else (Account("pictures", sum(used.values()), used),)
    return replace(ledger, accounts=(*ledger.accounts, *pictures))


def _count(arrays: Arrays, folder: Path) -> Gathered:
    train, test = (images if isinstance(images, np.ndarray) else _write_lazy(images, folder / f"{split}_images.npy")
                   for split, images in (("train", arrays.train_images), ("test", arrays.test_images)))
    return Gathered(replace(arrays, train_images=train, test_images=test), count_levels(train), "", None)


def _write_lazy(images: LazyPictures, file: Path) -> Pictures:
    """Write pictures to a file part by part, as they may not fit into memory, and memory-map it."""
    array = np.lib.format.open_memmap(file, "w+", np.uint8, images.shape)
    claim(file)
    for start in range(0, len(images), _CHUNK):
        ids = np.arange(start, min(start + _CHUNK, len(images)))
        array[ids] = images[ids]
    array.flush()
    return open_array(file)


def _open_arrays(folder: Path, meta: dict[str, Any], files: Mapping[str, FileList]) -> dict[str, Any]:
    """Return pictures and targets of both splits.

    Raises:
        OSError, ValueError, LookupError: a file is missing or broken.
    """
    found: dict[str, Any] = {key: np.array(open_array(folder / f"{key}.npy")) for key in _ARRAYS
                             if key.endswith("targets")}
    for split in ("train", "test"):
        key = f"{split}_images"
        found[key] = _squares(files[split], meta["shapes"][key][1]) if meta.get("streamed") else \
            open_array(folder / f"{key}.npy")
        targets = found[f"{split}_targets"]
        if targets.dtype != np.int64 or (isinstance(found[key], np.ndarray) and found[key].dtype != np.uint8):
            raise ValueError("wrong dtype")
        classes = len(meta["classes"])
        above = 2 if targets.ndim == 2 and targets.shape[1] == classes else classes if targets.ndim == 1 else 0
        if targets.min(initial=0) < 0 or targets.max(initial=0) >= above:
            raise ValueError("wrong targets")
    return found


def _squares(files: FileList, side: int) -> Images:
    if not files.root.is_dir():
        raise FileNotFoundError(files.root)
    return PictureFiles(files.root, files.names, side, files.channels, files.contents, files.values)


def _open_files(folder: Path, meta: dict[str, Any]) -> dict[str, FileList]:
    """Return the picture files of both splits; nothing if pictures have no files of their own, or an earlier version
    has not kept them.

    Raises:
        OSError, ValueError, LookupError: a file is missing or broken.
    """
    if not (folder / "train_sizes.npy").exists():
        return {}
    names, values = read_json(folder / _FILES), Ledger.of_document(meta["ledger"]).values
    found = {}
    for split in ("train", "test"):
        contents, sizes = (np.array(open_array(folder / f"{split}_{kind}.npy")) for kind in ("contents", "sizes"))
        count = meta["shapes"][f"{split}_images"][0]
        if (len(names[split]), contents.shape, sizes.shape) != (count, (count, CHECKSUM), (count, 2)):
            raise ValueError("wrong numbers of files")
        found[split] = FileList(home() / names["root"], names[split], contents, sizes,
                                meta["shapes"][f"{split}_images"][3], values)
    return found
