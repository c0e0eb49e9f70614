"""From a data set's name to its pictures: prepared once, memory-mapped afterwards."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DATASETS, DatasetRow, dataset_row
from engine.data.boxes.dataset import DetectionDataset
from engine.data.dataset import Dataset, Pictures, refused
from engine.data.folders import named_place, writing
from engine.data.prepared import prepared_dir, signature
from engine.data.readers.download import Progress, console_progress
from engine.data.readers.loaders import Loader, loader_for
from engine.errors import ConfigError, UserError
from engine.home import data_dir
from engine.tasks import task_of

AnyDataset = Dataset | DetectionDataset


def load_dataset(
    name: str, data_path: str = "", *, download: bool = False, progress: Progress | None = None,
    unreadable: str = "skip",
) -> Dataset:
    """A data set by its catalog name.

    Args:
        data_path: folder that holds its files; empty: Darkroom's data folder, then the usual places.
        download: fetch it when it is not there.
        progress: called with (file, bytes so far, bytes in all or 0); None draws bars on stderr.
        unreadable: ``skip`` leaves out pictures that cannot be read, for those who look at what a run has seen;
            ``stop`` refuses the set, if its run asks for that.

    Raises:
        UserError: unknown name, not there, a broken source file, a download that failed, a folder that cannot be
            written.
    """
    dataset = _loaded(name, data_path, download, progress)
    if not isinstance(dataset, Dataset):
        raise UserError(f"{name} is a data set for {DATASETS[name].task}: its pictures have boxes, not one class each")
    if dataset.skipped and unreadable == "stop":
        raise refused(dataset.skipped, len(dataset.train_targets) + len(dataset.test_targets))
    return dataset


def load_detection(name: str, data_path: str = "", *, unreadable: str = "skip") -> DetectionDataset:
    """A data set of pictures with boxes; arguments and errors as of :func:`load_dataset`."""
    dataset = _loaded(name, data_path, False, None)
    if not isinstance(dataset, DetectionDataset):
        raise UserError(f"{name} is a data set for {DATASETS[name].task}: its pictures have no boxes")
    if dataset.skipped and unreadable == "stop":
        raise refused(dataset.skipped, len(dataset.train) + len(dataset.test))
    return dataset


def _loaded(name: str, data_path: str, download: bool, progress: Progress | None) -> AnyDataset:
    row, loader, root = _known(name, data_path)
    found = _find(loader, root)
    if not found and download and loader.download:
        _download(name, loader, root or data_dir(), progress)
        found = _find(loader, root)
    if found:
        return _prepared(name, row, loader, *found)
    kept = _kept(name, loader, root)
    if kept:
        return kept
    raise _missing(name, data_path)


def check_available(name: str, data_path: str = "") -> None:
    """Look for a data set's files without reading them: milliseconds, so that a run is refused before it is queued.

    Raises:
        UserError: unknown name, or not there; says in one sentence how to get it.
    """
    _, loader, root = _known(name, data_path)
    if not _find(loader, root) and not _kept(name, loader, root):
        raise _missing(name, data_path)


def source_of(name: str, data_path: str = "") -> Path | None:
    """The folder that a data set's files are in; None: it was prepared from files that are gone since."""
    _, loader, root = _known(name, data_path)
    found = _find(loader, root)
    return found[0] if found else None


def pictures(name: str, data_path: str, split: str, ids: Sequence[int] | NDArray[np.int64]) -> Pictures:
    """Some pictures, uint8 [len(ids), H, W, C], by their position in a split.

    Args:
        split: ``test``; or ``train`` or ``val``, whose ids are both positions among the training pictures.

    Raises:
        UserError: as :func:`load_dataset`.
        IndexError: an id is outside the split.
    """
    dataset = load_dataset(name, data_path)
    images = {"train": dataset.train_images, "val": dataset.train_images, "test": dataset.test_images}[split]
    positions = np.asarray(ids, dtype=np.int64)
    if positions.size and positions.min() < 0:
        raise IndexError(f"negative picture id {positions.min()}")
    return np.asarray(images[positions])


def _known(name: str, data_path: str) -> tuple[DatasetRow, Loader, Path | None]:
    return dataset_row(name), loader_for(name), named_place(data_path)


def _kept(name: str, loader: Loader, root: Path | None) -> AnyDataset | None:
    """What was prepared from source files that are gone since."""
    task = task_of(name)
    kept = (task.open_prepared(prepared_dir(name, folder), "") for folder in loader.folders(root))
    return next((dataset for dataset in kept if dataset), None)


def _missing(name: str, data_path: str) -> UserError:
    missing = DATASETS[name].missing or "reinstall the package it ships in"
    if DATASETS[name].brought:
        return ConfigError("data_path", data_path, f"a place that is there: {missing}")
    return UserError(f"{name} was not found{f' in {data_path}' if data_path else ''}: {missing}")


def _find(loader: Loader, root: Path | None) -> tuple[Path, list[Path]] | None:
    for folder in loader.folders(root):
        files = loader.find(folder)
        if files:
            return folder, files
    return None


def _prepared(name: str, row: DatasetRow, loader: Loader, source: Path, files: list[Path]) -> AnyDataset:
    folder, task = prepared_dir(name, source), task_of(name)
    try:
        signed = signature(files, loader.stamp(source))
        dataset: AnyDataset | None = task.open_prepared(folder, signed)
        if dataset:
            return dataset
        with writing(folder):
            dataset = task.open_prepared(folder, signed)
            if not dataset:
                task.write_prepared(folder, name, row.classes, loader.read(source, files, row), signed)
                dataset = task.open_prepared(folder, signed)
    except OSError as error:
        raise UserError(f"{folder}: the prepared copy of {name} cannot be written ({error.strerror})") from error
    if not dataset:
        raise UserError(f"{folder}: what was just written there cannot be read back; is the disk failing?")
    return dataset


def _download(name: str, loader: Loader, root: Path, progress: Progress | None) -> None:
    assert loader.download
    try:
        with console_progress(progress) as shown, writing(root / name):
            if not any(loader.find(folder) for folder in (root, *loader.folders(root))):
                loader.download(root, shown)
    except OSError as error:
        raise UserError(f"{name} could not be downloaded ({error}): {DATASETS[name].missing}") from error
