"""Prepared detection data sets: read once, opened again in milliseconds."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_files import open_array, read_arrays
from engine.boxes.arrays import Annotations
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset, RawAnnotations
from engine.data.boxes.files import AnnotatedArray, AnnotatedFiles
from engine.data.boxes.pictures import Gathered, gather
from engine.data.boxes.sides import side_shares
from engine.data.dataset import mean_and_std
from engine.data.folders import replace_folder
from engine.data.ledger import Account, Ledger, LeftOut, Part
from engine.data.prepared import DAMAGED, FORMAT, made_from, read_meta
from engine.data.readers.box_listing import AnnotatedListing
from engine.files import read_json
from engine.home import home, stored_path

_ARRAYS, _FILES = "annotations.npz", "files.json"
_SPLITS = ("train", "test")
_LAYOUT = {"picture": "iM", "boxes": "fM4", "labels": "iM", "difficult": "bM", "sizes": "iN2",
           "orientation": "iN"}
"""See :func:`engine.array_files.read_arrays`: N pictures and M boxes, in each split its own numbers."""

_FIRST_TURNED = 5
"""The first EXIF orientation that swaps height and width."""


def write_annotated(folder: Path, name: str, classes: Sequence[str], source: AnnotatedListing | Gathered,
                    signed: str) -> None:
    """Write a detection data set, like :func:`engine.data.prepared.write_prepared`.

    Raises:
        UserError: too many listed pictures cannot be read.
        OSError: the folder cannot be written or the disk is full.
    """
    found = gather(source) if isinstance(source, AnnotatedListing) else source
    mean, std = mean_and_std(found.levels)
    splits = {"train": found.train, "test": found.test}
    meta = {
        "format": FORMAT, "name": name, "classes": list(found.classes or classes), "source": signed,
        "fingerprint": _fingerprint(found), "mean": mean, "std": std,
        "notes": (*found.notes, *map(str, found.ledger.decisions), *_box_notes(splits)),
        "skipped": found.skipped, "ledger": _ledger(found, splits).document(),
        "streamed": found.root is not None, "counted": found.train.written.counted,
        "root": stored_path(found.root) if found.root else "",
        "side_shares": side_shares(found.train.annotations, found.train.sizes),
        "shapes": {f"{split}_images": [len(part), *np.median(part.sizes, axis=0).astype(int).tolist(), 3]
                   for split, part in splits.items()},
    }
    with replace_folder(folder) as temporary:
        for split, part in splits.items():
            if isinstance(part.source, AnnotatedArray):
                np.save(temporary / f"{split}_images.npy", part.source.images)
        np.savez(temporary / _ARRAYS, **{f"{split}_{key}": array for split, part in splits.items()
                                         for key, array in _arrays(part).items()})
        (temporary / _FILES).write_text(json.dumps({split: {"names": part.names, "sources": part.written.sources}
                                                    for split, part in splits.items()}))
        (temporary / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")


def open_annotated(folder: Path, signed: str) -> DetectionDataset | None:
    """Open a prepared detection data set, like :func:`engine.data.prepared.open_prepared`."""
    try:
        meta = read_meta(folder)
        if meta is None or (signed and not made_from(meta, signed)):
            return None
        if meta["root"] and not (home() / meta["root"]).is_dir():
            return None
        files = read_json(folder / _FILES)
        arrays = read_arrays(folder / _ARRAYS, {
            f"{split}_{key}": form.replace("N", split[1]).replace("M", split[1].upper())
            for split in _SPLITS for key, form in _LAYOUT.items()})
        train, test = (_open_split(folder, meta, files[split], split, arrays) for split in _SPLITS)
        return DetectionDataset(
            name=meta["name"], classes=tuple(meta["classes"]), fingerprint=meta["fingerprint"],
            mean=tuple(meta["mean"]), std=tuple(meta["std"]), notes=tuple(meta["notes"]),
            skipped=tuple(meta["skipped"]), train=train, test=test, ledger=Ledger.of_document(meta.get("ledger", {})))
    except DAMAGED:
        return None


def _open_split(folder: Path, meta: dict[str, Any], files: dict[str, list[str]], split: str,
                arrays: Any) -> AnnotatedSplit:
    """Open one split.

    Raises:
        OSError, ValueError, LookupError: a file is missing or broken.
    """
    picture, boxes, labels, difficult, places, sizes, stated_sizes, contents, orientation = (
        arrays[f"{split}_{key}"] for key in ("picture", "boxes", "labels", "difficult", "places", "sizes",
                                             "stated_sizes", "contents", "orientation"))
    names = tuple(files["names"])
    annotations = Annotations(picture, boxes, labels, difficult, len(names))
    annotations.check_order()
    if len(names) != len(sizes) or labels.max(initial=-1) >= len(meta["classes"]):
        raise ValueError("wrong boxes")
    written = RawAnnotations(annotations, tuple(files["sources"]), places, stated_sizes, contents, meta["counted"])
    source = AnnotatedFiles(home() / meta["root"], names, sizes, orientation, contents,
                            Ledger.of_document(meta.get("ledger", {})).values) if meta["root"] else \
        AnnotatedArray(open_array(folder / f"{split}_images.npy"))
    return AnnotatedSplit(names, sizes, written, source)


def _arrays(part: AnnotatedSplit) -> dict[str, Any]:
    boxes, written = part.written.annotations, part.written
    return {"picture": boxes.picture, "boxes": boxes.boxes, "labels": boxes.labels, "difficult": boxes.difficult,
            "places": written.places, "stated_sizes": written.sizes, "contents": written.contents, "sizes": part.sizes,
            "orientation": _orientation(part)}


def _orientation(part: AnnotatedSplit) -> NDArray[np.uint8]:
    """Return the EXIF orientations that the pictures are turned by: uint8 [N]."""
    return part.source.orientation if isinstance(part.source, AnnotatedFiles) else np.zeros(len(part), np.uint8)


def _ledger(found: Gathered, splits: Mapping[str, AnnotatedSplit]) -> Ledger:
    """Return the account of the files, with that of the boxes, and the boxes of each part by class."""
    used = {split: len(part.annotations) for split, part in splits.items()}
    nowhere = sum(part.left_out for part in splits.values())
    total = max(found.boxes, sum(used.values()) + nowhere)
    left_out = (LeftOut("without extent or outside their picture", nowhere),
                LeftOut("of pictures or annotations that are left out", total - nowhere - sum(used.values())))
    boxes = Account("boxes", total, used, tuple(each for each in left_out if each.count))
    origins = {part.name: part.origin for part in found.ledger.parts}
    parts = tuple(Part(split, origins.get(split, "the set's own files"),
                       dict(zip(found.classes, np.bincount(part.annotations.labels, minlength=len(found.classes))
                                .tolist(), strict=True)), f"boxes in {len(part):,} pictures")
                  for split, part in splits.items())
    return replace(found.ledger, accounts=(*found.ledger.accounts, boxes), parts=parts)


def _box_notes(splits: Mapping[str, AnnotatedSplit]) -> list[str]:
    """Return notes on unusual boxes, with their numbers."""
    empty = {split: int(part.without_boxes.sum()) for split, part in splits.items()}
    left_out, difficult = (sum(counts) for counts in zip(*(
        (part.left_out, int(part.annotations.difficult.sum())) for part in splits.values()), strict=True))
    notes = []
    if any(empty.values()):
        notes.append(f"pictures without a box: {empty['train']:,} in training, {empty['test']:,} in test")
    if left_out:
        notes.append(f"boxes without extent or outside their picture, which are not used: {left_out:,}")
    if difficult:
        notes.append(f"boxes marked as difficult, which do not count in the evaluation: {difficult:,}")
    return notes


def _fingerprint(found: Gathered) -> str:
    """Return 16 hex digits that change with any picture, box, class or order."""
    digest = hashlib.sha256(json.dumps(found.classes).encode())
    if found.ledger.values:  # else no picture has more than 8 bits
        digest.update(json.dumps(found.ledger.values).encode())
    for part in (found.train, found.test):
        digest.update(json.dumps(part.names).encode())
        boxes = part.written.annotations
        for array in (part.written.contents, boxes.picture, boxes.boxes, boxes.labels, boxes.difficult):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        orientation, stated = _orientation(part), (part.written.sizes == part.sizes).all(axis=1)
        if (orientation[~stated] > 0).any() or ((orientation > 0) & (orientation < _FIRST_TURNED)).any():
            digest.update(orientation.tobytes())  # else it follows from the stated sizes
    return digest.hexdigest()[:16]
