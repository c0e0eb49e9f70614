"""Audit of a classification data set: statistics and duplicates, cached by fingerprint."""

import contextlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.audits.duplicates import Copies, count_copies, find_copies
from engine.data.audits.statistics import SplitStatistics, scan_split
from engine.data.dataset import Dataset
from engine.files import write_atomically
from engine.home import data_dir

_FORMAT = 1
_LOOK = tuple(SplitStatistics.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Audit:
    """Statistics of both splits, and all duplicate pictures, most serious first."""

    train: SplitStatistics
    test: SplitStatistics
    copies: tuple[Copies, ...]


def audit(dataset: Dataset) -> Audit:
    """Return the audit of a data set from the cache, or compute it (a second for 70,000 small pictures)."""
    path = data_dir() / "audits" / f"{dataset.fingerprint}-{_FORMAT}.npz"
    found = _read(path)
    if found is None:
        found = _compute(dataset)
        # Without a cache the audit is only computed again.
        with contextlib.suppress(OSError):
            _write(path, found)
    return found


def report(dataset: Dataset, found: Audit) -> dict[str, Any]:
    """Return the audit as plain data: class counts, statistics and duplicates."""
    splits = {"train": (found.train, dataset.train_targets), "test": (found.test, dataset.test_targets)}
    classes = len(dataset.classes)
    return {
        "dataset": dataset.name, "train": len(dataset.train_targets), "test": len(dataset.test_targets),
        "classes": list(dataset.classes), "picture_shape": list(dataset.train_images.shape[1:]),
        "fingerprint": dataset.fingerprint, "mean": list(found.train.mean), "std": list(found.train.std),
        "by_class": {split: np.bincount(targets, minlength=classes).tolist() for split, (_, targets) in splits.items()},
        "blank": {split: int((statistics.contrast == 0).sum()) for split, (statistics, _) in splits.items()},
        "duplicates": count_copies(found.copies) | {"pictures": [
            {"train": copies.train, "test": copies.test, "classes": [dataset.classes[label] for label in copies.labels]}
            for copies in found.copies]},
    }


def _compute(dataset: Dataset) -> Audit:
    classes = len(dataset.classes)
    train, train_digests = scan_split(dataset.train_images, dataset.train_targets, classes)
    test, test_digests = scan_split(dataset.test_images, dataset.test_targets, classes)
    copies = find_copies(train_digests, test_digests, dataset.train_targets, dataset.test_targets)
    return Audit(train, test, tuple(copies))


def _write(path: Path, found: Audit) -> None:
    arrays = {f"{split}_{name}": getattr(getattr(found, split), name) for split in ("train", "test") for name in _LOOK}
    content = io.BytesIO()
    np.savez(content, copies=json.dumps([asdict(copies) for copies in found.copies]), **arrays)
    write_atomically(path, content.getvalue())


def _read(path: Path) -> Audit | None:
    try:
        with np.load(path) as kept:
            train, test = (SplitStatistics(**{name: kept[f"{split}_{name}"] for name in _LOOK})
                           for split in ("train", "test"))
            copies = tuple(Copies(**{name: tuple(places) for name, places in each.items()})
                           for each in json.loads(str(kept["copies"])))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return Audit(train, test, copies)
