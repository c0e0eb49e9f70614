"""Test pictures with boxes that are among the training pictures; kept by fingerprint."""

import contextlib
import json
from dataclasses import asdict, dataclass
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

_FORMAT, _SIDE = 2, 64


@dataclass(frozen=True)
class BoxLeaks:
    """The leaks of a set. Attributes: ``same``, positions of test pictures whose file is also a training picture's."""

    near: tuple[Leak, ...]
    same: frozenset[int]

    @property
    def pictures(self) -> frozenset[int]:
        """Positions of all test pictures that leak."""
        return self.same.union(leak.test for leak in self.near)


def box_leaks(dataset: DetectionDataset) -> BoxLeaks:
    """Return the leaks from the cache, or read every picture once, small and without its aspect ratio.

    Raises:
        UserError: a picture can no longer be read.
    """
    path = _path(dataset.fingerprint)
    if (known := _read(path)) is not None:
        return known
    train, test = _thumbnails(dataset.train), _thumbnails(dataset.test)
    leaks, _ = find_leaks(train, test, sketch(train), sketch(test))
    learnt = {content.tobytes() for content in dataset.train.written.contents}
    same = frozenset(place for place, content in enumerate(dataset.test.written.contents)
                     if content.tobytes() in learnt)
    found = BoxLeaks(tuple(leak for leak in leaks if leak.test not in same), same)
    with contextlib.suppress(OSError):  # without a cache they are only searched again
        write_atomically(path, json.dumps({"near": [asdict(leak) for leak in found.near],
                                           "same": sorted(same)}).encode())
    return found


def known_box_leaks(fingerprint: str) -> BoxLeaks | None:
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


def _read(path: Path) -> BoxLeaks | None:
    try:
        return _read_at(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, LookupError, TypeError):
        return None


@lru_cache(maxsize=64)
def _read_at(path: Path, _time: int) -> BoxLeaks:
    kept = read_json(path)
    return BoxLeaks(tuple(Leak(**each) for each in kept["near"]), frozenset(map(int, kept["same"])))
