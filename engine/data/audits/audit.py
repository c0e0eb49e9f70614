"""Audit of a classification data set: statistics, duplicates and leaks, cached by fingerprint."""

import contextlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_files import read_arrays
from engine.data.audits.box_leaks import known_box_leaks
from engine.data.audits.duplicates import Copies, count_copies, find_copies
from engine.data.audits.leaks import Leak, find_leaks
from engine.data.audits.statistics import SplitStatistics, scan_split
from engine.data.dataset import Dataset
from engine.files import write_atomically
from engine.home import data_dir
from engine.labels.targets import class_counts, place_texts

_FORMAT = 2
_LOOK = tuple(SplitStatistics.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Audit:
    """Statistics of both splits, all duplicate pictures, most serious first, and test pictures that nearly are copies.
    """

    train: SplitStatistics
    test: SplitStatistics
    copies: tuple[Copies, ...]
    leaks: tuple[Leak, ...] = ()
    least_likeness: float = 1.0

    @property
    def leaked(self) -> frozenset[int]:
        """Positions of the test pictures that are among the training pictures, equal or nearly."""
        return _leaked(self.copies, self.leaks)


def audit(dataset: Dataset) -> Audit:
    """Return the audit of a data set from the cache, or compute it (seconds for 70,000 small pictures)."""
    path = _path(dataset.fingerprint)
    found = _read(path)
    if found is None:
        found = _compute(dataset)
        # Without a cache the audit is only computed again.
        with contextlib.suppress(OSError):
            _write(path, found)
    return found


def known_leaks(fingerprint: str) -> frozenset[int] | None:
    """Return the test pictures of an audited set that are among the training ones; None if it was not audited.

    Takes microseconds when asked again.
    """
    with_boxes = known_box_leaks(fingerprint)
    if with_boxes is not None:
        return with_boxes.pictures
    path = _path(fingerprint)
    try:
        return _known_leaks(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def known_brightness(fingerprint: str) -> NDArray[np.float32] | None:
    """Return the brightness of each test picture of an audited set; None if it was not audited."""
    found = _read(_path(fingerprint))
    return None if found is None else found.test.brightness


def report(dataset: Dataset, found: Audit) -> dict[str, Any]:
    """Return the audit as plain data: class counts, statistics and duplicates."""
    splits = {"train": (found.train, dataset.train_targets), "test": (found.test, dataset.test_targets)}
    classes = len(dataset.classes)
    return {
        "dataset": dataset.name, "train": len(dataset.train_targets), "test": len(dataset.test_targets),
        "classes": list(dataset.classes), "picture_shape": list(dataset.train_images.shape[1:]),
        "fingerprint": dataset.fingerprint, "mean": list(found.train.mean), "std": list(found.train.std),
        "by_class": {split: class_counts(targets, classes).tolist() for split, (_, targets) in splits.items()},
        "blank": {split: int((statistics.contrast == 0).sum()) for split, (statistics, _) in splits.items()},
        "duplicates": count_copies(found.copies) | {"pictures": [
            {"train": copies.train, "test": copies.test, "classes": list(copy_labels(dataset, copies))}
            for copies in found.copies]},
        "leaks": {"pictures": len(found.leaked), "least_likeness": found.least_likeness, "near": [
            {"test": leak.test, "train": leak.train, "mirrored": leak.mirrored, "likeness": leak.likeness,
             "classes": list(labels_of(dataset, leak))} for leak in found.leaks]},
    }


def labels_of(dataset: Dataset, leak: Leak) -> tuple[str, ...]:
    """Return the classes of the training picture and of the test picture, or the one that they share."""
    return _texts(dataset, (leak.train,), (leak.test,))


def copy_labels(dataset: Dataset, copies: Copies) -> tuple[str, ...]:
    """Return the different classes of a picture that occurs more than once, those of several as one text."""
    if dataset.train_targets.ndim == 2:
        return _texts(dataset, copies.train, copies.test)
    return tuple(dataset.classes[label] for label in copies.labels)


def _texts(dataset: Dataset, train: Sequence[int], test: Sequence[int]) -> tuple[str, ...]:
    targets = np.concatenate((dataset.train_targets[list(train)], dataset.test_targets[list(test)]))
    return tuple(dict.fromkeys(place_texts(targets, dataset.classes)))


def _path(fingerprint: str) -> Path:
    return data_dir() / "audits" / f"{fingerprint}-{_FORMAT}.npz"


def _leaked(copies: Sequence[Copies], leaks: Sequence[Leak]) -> frozenset[int]:
    exact = (place for each in copies if each.where == "both" for place in each.test)
    return frozenset((*exact, *(leak.test for leak in leaks)))


@lru_cache(maxsize=64)
def _known_leaks(path: Path, _time: int) -> frozenset[int] | None:
    found = _read(path)
    return None if found is None else _leaked(found.copies, found.leaks)


def _compute(dataset: Dataset) -> Audit:
    classes = len(dataset.classes)
    train, train_digests, train_sketches = scan_split(dataset.train_images, dataset.train_targets, classes)
    test, test_digests, test_sketches = scan_split(dataset.test_images, dataset.test_targets, classes)
    copies = find_copies(train_digests, test_digests, dataset.train_targets, dataset.test_targets)
    leaks, least = find_leaks(dataset.train_images, dataset.test_images, train_sketches, test_sketches)
    exact = _leaked(copies, ())
    return Audit(train, test, tuple(copies), tuple(leak for leak in leaks if leak.test not in exact), least)


def _write(path: Path, found: Audit) -> None:
    arrays = {f"{split}_{name}": getattr(getattr(found, split), name) for split in ("train", "test") for name in _LOOK}
    content = io.BytesIO()
    copies, leaks = (json.dumps([asdict(each) for each in rows]) for rows in (found.copies, found.leaks))
    np.savez(content, copies=copies, leaks=leaks, least_likeness=found.least_likeness, **arrays)
    write_atomically(path, content.getvalue())


def _read(path: Path) -> Audit | None:
    try:
        kept = read_arrays(path)
        train, test = (SplitStatistics(**{name: kept[f"{split}_{name}"] for name in _LOOK})
                       for split in ("train", "test"))
        return Audit(train, test, _read_copies(kept), _read_leaks(kept), float(kept["least_likeness"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _read_copies(kept: Any) -> tuple[Copies, ...]:
    return tuple(Copies(**{name: tuple(places) for name, places in each.items()})
                 for each in json.loads(str(kept["copies"])))


def _read_leaks(kept: Any) -> tuple[Leak, ...]:
    return tuple(Leak(**each) for each in json.loads(str(kept["leaks"])))
