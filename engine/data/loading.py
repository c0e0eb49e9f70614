"""Loads data sets by name: prepared once, then memory-mapped."""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DATASETS, dataset_row
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Dataset, Pictures, unreadable_error
from engine.data.folders import user_path, write_lock
from engine.data.prepared import prepared_dir, signature
from engine.data.readers.download import Progress, console_progress
from engine.data.readers.loaders import Loader, loader_for, read_confined
from engine.data.reading import folder_of
from engine.errors import ConfigError, UserError
from engine.home import data_dir
from engine.tasks import task_of
from engine.words import counted

AnyDataset = Dataset | DetectionDataset

_MOST_FOLDERS = 100_000
_Tell = tuple[Callable[[str], object], float]
_told: ContextVar[_Tell] = ContextVar("told", default=(lambda line: print(line, file=sys.stderr), 5.0))
"""Where the lines go that say how far reading has come, and the seconds between two."""


@contextmanager
def telling(tell: Callable[[str], object], every: float = 0.5) -> Iterator[None]:
    """Call ``tell`` with a line every few seconds in which this thread reads a data set, in place of stderr."""
    before = _told.set((tell, every))
    try:
        yield
    finally:
        _told.reset(before)


def load_dataset(
    name: str, data_path: str = "", *, download: bool = False, progress: Progress | None = None,
    unreadable: str = "skip",
) -> Dataset:
    """Load a classification data set by its catalog name.

    Args:
        data_path: folder with its files; empty: Darkroom's data folder, then the usual places.
        download: download it if missing.
        progress: called with (file, bytes so far, total bytes or 0); None shows bars on stderr.
        unreadable: ``skip`` leaves out unreadable pictures; ``stop`` raises an error, for runs that ask for it.

    Raises:
        UserError: the name is unknown, the set is missing, a file is broken, the download failed, or a folder cannot be
        written.
    """
    dataset = _load(name, data_path, download, progress)
    if not isinstance(dataset, Dataset):
        raise UserError(f"{name} is a data set for {DATASETS[name].task}: its pictures have boxes, not one class each; "
                        "choose one for classification")
    if dataset.skipped and unreadable == "stop":
        raise unreadable_error(dataset.skipped, len(dataset.train_targets) + len(dataset.test_targets))
    return dataset


def load_detection(name: str, data_path: str = "", *, unreadable: str = "skip") -> DetectionDataset:
    """Load a detection data set; arguments and errors as in :func:`load_dataset`."""
    dataset = _load(name, data_path, False, None)
    if not isinstance(dataset, DetectionDataset):
        raise UserError(f"{name} is a data set for {DATASETS[name].task}: its pictures have no boxes; choose one for "
                        "detection")
    if dataset.skipped and unreadable == "stop":
        raise unreadable_error(dataset.skipped, len(dataset.train) + len(dataset.test))
    return dataset


def _load(name: str, data_path: str, download: bool, progress: Progress | None) -> AnyDataset:
    loader, root = _look_up(name, data_path)
    found = _find(loader, root)
    if not found and download and loader.download:
        _download(name, loader, root or data_dir(), progress)
        found = _find(loader, root)
    if found:
        return _prepared(name, loader, *found)
    kept = _open_kept(name, loader, root)
    if kept:
        return kept
    raise _missing(name, data_path)


def check_available(name: str, data_path: str = "") -> None:
    """Look for a data set's files without reading them, in milliseconds.

    Raises:
        UserError: unknown name, or missing; says how to get it.
    """
    loader, root = _look_up(name, data_path)
    if not _find(loader, root) and not _open_kept(name, loader, root):
        raise _missing(name, data_path)


def is_to_download(name: str) -> bool:
    """Whether a data set is not here, but is known where to download."""
    loader, root = _look_up(name, "")
    return loader.download is not None and not _find(loader, root) and not _open_kept(name, loader, root)


def source_of(name: str, data_path: str = "") -> Path | None:
    """Return the folder of a data set's files; None: they are gone, only the prepared copy remains."""
    loader, root = _look_up(name, data_path)
    found = _find(loader, root)
    return folder_of(found[0]) if found else None


def pictures(name: str, data_path: str, split: str, ids: Sequence[int] | NDArray[np.int64]) -> Pictures:
    """Return pictures by their positions in a split, uint8 [len(ids), H, W, C].

    Args:
        split: ``test``; or ``train`` or ``val``, both with positions among the training pictures.

    Raises:
        UserError: as :func:`load_dataset`.
        IndexError: an id is out of range.
    """
    dataset = load_dataset(name, data_path)
    images = {"train": dataset.train_images, "val": dataset.train_images, "test": dataset.test_images}[split]
    positions = np.asarray(ids, dtype=np.int64)
    if positions.size and positions.min() < 0:
        raise IndexError(f"negative picture id {positions.min()}")
    return np.asarray(images[positions])


def _look_up(name: str, data_path: str) -> tuple[Loader, Path | None]:
    dataset_row(name)  # refuses an unknown name
    return loader_for(name), user_path(data_path)


def _open_kept(name: str, loader: Loader, root: Path | None) -> AnyDataset | None:
    """Open a prepared copy whose source files are gone."""
    task = task_of(name)
    kept = (task.open_prepared(prepared_dir(name, folder), "") for folder in loader.folders(root))
    return next((dataset for dataset in kept if dataset), None)


def _missing(name: str, data_path: str) -> UserError:
    missing = DATASETS[name].missing or "reinstall the package it ships in"
    if DATASETS[name].user_provided:
        return ConfigError("data_path", data_path, f"an existing place: {missing}")
    return UserError(f"{name} was not found{f' in {data_path}' if data_path else ''}: {missing}")


def _find(loader: Loader, root: Path | None) -> tuple[Path, list[Path]] | None:
    for folder in loader.folders(root):
        files = loader.find(folder)
        if files:
            return folder, files
    return None


def _prepared(name: str, loader: Loader, source: Path, files: list[Path]) -> AnyDataset:
    folder, task = prepared_dir(name, source), task_of(name)
    try:
        signed = signature(files, loader.stamp(source))
        dataset: AnyDataset | None = task.open_prepared(folder, signed)
        if dataset:
            return dataset
        with write_lock(folder):
            dataset = task.open_prepared(folder, signed)
            if not dataset:
                on_file = reading_progress(name, _count(files))
                read_confined("engine.data.loading:prepare", name, source, files, on_file, signed=signed)
                dataset = task.open_prepared(folder, signed)
    except OSError as error:
        raise UserError(f"{folder}: the prepared copy of {name} cannot be written ({error.strerror})") from error
    if not dataset:
        raise UserError(f"{folder}: the prepared copy was written but cannot be read back; check the disk")
    return dataset


def _count(places: Sequence[Path]) -> int:
    """Return how many files these are, those in folders too; 0 if they are too many to count."""
    found = (len(names) for place in places if place.is_dir() for _, _, names in os.walk(place))
    counted = sum(itertools.islice(found, _MOST_FOLDERS + 1)) + sum(not place.is_dir() for place in places)
    return 0 if next(found, None) is not None else counted


def reading_progress(name: str, files: int = 0) -> Callable[[], None]:
    """Return a function to call after each file, which tells every few seconds how many of ``files`` were read."""
    (tell, every), read, started = _told.get(), 0, time.monotonic()
    shown = started

    def on_file() -> None:
        nonlocal read, shown
        read += 1
        if time.monotonic() - shown >= every or read == files:
            shown = time.monotonic()
            if read < files:
                tell(f"reading {name}: {read:,} of {files:,} files")
            elif read == files and shown - started >= every:
                tell(f"writing {name} so that it opens at once from now on")
            elif read > files:
                tell(f"reading {name}: {counted(read, 'file')} opened so far")

    return on_file


def prepare(request: dict[str, Any]) -> None:
    """Read a data set in a confined process, and write the prepared copy, which any process can open."""
    name, source, files = request["dataset"], Path(request["source"]), list(map(Path, request["files"]))
    row = DATASETS[name]
    found = loader_for(name).read(source, files, row)
    task_of(name).write_prepared(prepared_dir(name, source), name, row.classes, found, request["signed"])


def _download(name: str, loader: Loader, root: Path, progress: Progress | None) -> None:
    assert loader.download
    try:
        with console_progress(progress) as shown, write_lock(root / name):
            if not any(loader.find(folder) for folder in (root, *loader.folders(root))):
                loader.download(root, shown)
    except OSError as error:
        raise UserError(f"{name} could not be downloaded ({error}): {DATASETS[name].missing}") from error
