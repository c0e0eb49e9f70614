"""Test pictures with boxes that are among the training pictures, though not the same file; kept by fingerprint."""

import contextlib
import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.audits.leaks import Leak, find_leaks, sketch
from engine.data.boxes.dataset import AnnotatedSplit, DetectionDataset
from engine.data.dataset import Pictures
from engine.data.streaming import read_ahead
from engine.files import read_json, write_atomically
from engine.home import data_dir

_FORMAT, _SIDE = 1, 64


def box_leaks(dataset: DetectionDataset) -> tuple[Leak, ...]:
    """Return the leaks from the cache, or read every picture once, small and without its aspect ratio.

    Raises:
        UserError: a picture can no longer be read.
    """
    path = _path(dataset.fingerprint)
    if (known := _read(path)) is not None:
        return known
    train, test = _thumbnails(dataset.train), _thumbnails(dataset.test)
    leaks, _ = find_leaks(train, test, sketch(train), sketch(test))
    same = {content.tobytes() for content in dataset.train.written.contents}
    found = tuple(leak for leak in leaks if dataset.test.written.contents[leak.test].tobytes() not in same)
    with contextlib.suppress(OSError):  # without a cache they are only searched again
        write_atomically(path, json.dumps({"leaks": [asdict(leak) for leak in found]}).encode())
    return found


def known_box_leaks(fingerprint: str) -> tuple[Leak, ...] | None:
    """Return :func:`box_leaks` of a set that was searched; None if it was not."""
    return _read(_path(fingerprint))


def _thumbnails(split: AnnotatedSplit) -> Pictures:
    """Return uint8 [N, side, side, 3]."""
    def thumbnail(place: int) -> Pictures:
        picture = Image.fromarray(split.source.picture(place, 2 * _SIDE))
        return np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR))

    rows = list(read_ahead(thumbnail, range(len(split))))
    return np.stack(rows) if rows else np.zeros((0, _SIDE, _SIDE, 3), np.uint8)


def _path(fingerprint: str) -> Path:
    return data_dir() / "audits" / f"{fingerprint}-boxes-{_FORMAT}.json"


def _read(path: Path) -> tuple[Leak, ...] | None:
    try:
        return _read_at(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, LookupError, TypeError):
        return None


@lru_cache(maxsize=64)
def _read_at(path: Path, _time: int) -> tuple[Leak, ...]:
    return tuple(Leak(**each) for each in read_json(path)["leaks"])
