"""Properties of a data set before its pictures are loaded, including user-provided sets. Imports no torch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.catalog.datasets import DATASETS, DatasetRow, dataset_row
from engine.data.boxes.sides import side_shares
from engine.data.dataset import Arrays, Targets
from engine.data.folders import user_path
from engine.data.loading import reading_progress
from engine.data.prepared import made_from, prepared_dir, read_meta, signature
from engine.data.readers.box_listing import AnnotatedListing, to_annotations
from engine.data.readers.listing import Listing, folder_stamp
from engine.data.readers.loaders import Source, loader_for, read_confined
from engine.data.readers.pictures import is_streamed
from engine.data.reading import folder_of
from engine.errors import ConfigError
from engine.labels.targets import class_counts


@dataclass(frozen=True)
class Facts:
    """Properties that configs are checked against.

    Attributes:
        classes: class names in label order.
        train, test: number of pictures in each split.
        size: side of the square pictures in pixels; for other shapes the longer side.
        channels: 1 (grey) or 3 (colour).
        flips: whether a mirrored picture keeps its class.
        streamed: the pictures are read from files, as they are too large for memory.
        side_shares: typical size of training objects, from :func:`engine.data.boxes.sides.side_shares`; empty: unknown.
        skipped: known unreadable entries; pictures are only opened when the set is prepared.
        listed: each picture has a file of its own, and one class.
        counts: training pictures of each class, or boxes; empty: unknown.
    """

    classes: tuple[str, ...]
    train: int
    test: int
    size: int
    channels: int
    flips: bool
    streamed: bool = False
    side_shares: tuple[float, ...] = ()
    skipped: tuple[str, ...] = ()
    listed: bool = False
    counts: tuple[int, ...] = ()


def data_facts(dataset: str, data_path: str = "") -> Facts:
    """Return the properties of a data set from its prepared copy, the catalog, or a scan of the user's files.

    Takes milliseconds after the first call, so that every check of a form may call it.

    Raises:
        ConfigError: a user-provided set is missing or invalid.
        UserError: no data set has this name, or one of its files is broken; names it.
    """
    row, folders = dataset_row(dataset), loader_for(dataset).folders(user_path(data_path))
    if row.user_provided:
        return _user_facts(dataset, next(iter(folders), None))
    known = (_prepared(dataset, folder) for folder in folders)
    return next((facts for facts in known if facts), None) or \
        Facts(row.classes, row.train, row.test, row.size, row.channels, row.flips)


def _user_facts(dataset: str, root: Path | None) -> Facts:
    """Return the facts of a user-provided set; its prepared copy is used if the files are gone or unchanged."""
    if root is None:
        raise ConfigError("data_path", "", f"the place of your own pictures: {DATASETS[dataset].missing}")
    files = loader_for(dataset).find(root)
    if files:
        folder = folder_of(root)
        stamp = folder_stamp(folder) if folder.is_dir() else ()
        stamps = (signature(files), _meta_time(prepared_dir(dataset, root)), *stamp)
        return _scan(dataset, root, tuple(files), stamps)
    kept = _prepared(dataset, root)
    if kept is None:
        raise ConfigError("data_path", str(root), f"an existing place: {DATASETS[dataset].missing}")
    return kept


@lru_cache(maxsize=64)
def _scan(dataset: str, root: Path, files: tuple[Path, ...], _stamps: object) -> Facts:
    """Return the facts of the prepared copy if it was made from these files, else scan them; cached until they change.
    """
    row, loader = DATASETS[dataset], loader_for(dataset)
    meta = read_meta(prepared_dir(dataset, root))
    if meta and made_from(meta, signature(files, loader.stamp(root))):
        return _facts_of(meta, row)
    found = read_confined("engine.data.facts:read", dataset, root, files, reading_progress(dataset))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Facts(**values)


def read(request: dict[str, Any]) -> dict[str, Any]:
    """Read the facts of a user's data set in a confined process."""
    row = DATASETS[request["dataset"]]
    found = loader_for(request["dataset"]).read(Path(request["source"]), list(map(Path, request["files"])), row)
    return asdict(_facts_of_files(found, row))


def _facts_of_files(found: Source, row: DatasetRow) -> Facts:
    if isinstance(found, Listing):
        return Facts(found.classes, len(found.train), len(found.test), found.side, found.channels, row.flips,
                     is_streamed(found), skipped=found.problems, listed=True,
                     counts=_counts(found.train_targets, found.classes))
    if isinstance(found, AnnotatedListing):
        sizes = np.array([each.size for each in (*found.train, *found.test)], np.int64)
        return Facts(found.classes, len(found.train), len(found.test), int(np.median(sizes.max(axis=1))), 3, row.flips,
                     True, side_shares(to_annotations(found.train, found.classes), sizes), found.problems)
    assert isinstance(found, Arrays)
    _, height, width, channels = found.train_images.shape
    classes = found.classes or row.classes
    return Facts(found.classes, len(found.train_targets), len(found.test_targets), max(height, width), channels,
                 row.flips, counts=_counts(found.train_targets, classes))


def _counts(targets: Targets, classes: Sequence[str]) -> tuple[int, ...]:
    return tuple(class_counts(targets, len(classes)).tolist())


def _prepared(dataset: str, source: Path) -> Facts | None:
    folder = prepared_dir(dataset, source)
    return _known(dataset, folder, _meta_time(folder))


@lru_cache(maxsize=64)
def _known(dataset: str, folder: Path, _prepared_at: int) -> Facts | None:
    meta = read_meta(folder)
    return _facts_of(meta, DATASETS[dataset]) if meta else None


def _meta_time(folder: Path) -> int:
    try:
        return (folder / "meta.json").stat().st_mtime_ns
    except OSError:
        return 0


def _facts_of(meta: dict[str, Any], row: DatasetRow) -> Facts:
    shapes: dict[str, list[int]] = meta["shapes"]
    count, height, width, channels = shapes["train_images"]
    return Facts(tuple(meta["classes"]), count, shapes["test_images"][0], max(height, width), channels, row.flips,
                 bool(meta.get("streamed")), tuple(meta.get("side_shares", ())), tuple(meta["skipped"]),
                 bool(meta.get("listed")), _kept_counts(meta))


def _kept_counts(meta: dict[str, Any]) -> tuple[int, ...]:
    """Return the samples of each class in training, if the copy keeps them."""
    parts = meta.get("ledger", {}).get("parts", ())
    samples: dict[str, int] = next((part["samples"] for part in parts if part["name"] == "train"), {})
    return tuple(int(samples.get(name, 0)) for name in meta["classes"]) if samples else ()
