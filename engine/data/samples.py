"""``Samples``: what is known of each test picture besides its truth, to divide the test set by."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.data.audits.audit import known_brightness
from engine.data.boxes.dataset import DetectionDataset
from engine.data.folders import user_path
from engine.data.loading import load_dataset
from engine.data.prepared import SAMPLES, prepared_dir
from engine.data.readers.loaders import loader_for
from engine.files import read_json
from engine.tasks import task_of

_CHUNK = 256


@dataclass(frozen=True, eq=False)
class Samples:
    """The pictures of a test set.

    Attributes:
        fingerprint: that of the data set.
        names: path of each picture, relative to the set's folder; empty: they have no files of their own.
        sizes: int64 [N, 2], sides in pixels in the files; None: unknown, or all have one size.
        brightness: float32 [N], mean of each picture's values, where 255 is 1; None: unknown.
    """

    fingerprint: str
    names: tuple[str, ...]
    sizes: NDArray[np.int64] | None
    brightness: NDArray[np.float32] | None


def test_samples(name: str, data_path: str = "") -> Samples:
    """Return what is known of a data set's test pictures.

    Raises:
        UserError: as :func:`engine.data.loading.load_dataset`.
    """
    dataset = task_of(name).load(name, data_path)
    if isinstance(dataset, DetectionDataset):
        return Samples(dataset.fingerprint, dataset.test.names, dataset.test.sizes, None)
    names, sizes = _kept(name, data_path, len(dataset.test_targets))
    return Samples(dataset.fingerprint, names, sizes, _brightness(name, data_path, dataset.fingerprint))


def _kept(name: str, data_path: str, count: int) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """Return names and sizes from the prepared copy; those of an earlier version have none."""
    for folder in loader_for(name).folders(user_path(data_path)):
        try:
            kept = read_json(prepared_dir(name, folder) / SAMPLES)
            names, sizes = tuple(map(str, kept["names"])), np.array(kept["sizes"], np.int64)
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if len(names) == count and sizes.shape == (count, 2):
            return names, sizes
    return (), None


@lru_cache(maxsize=8)
def _brightness(name: str, data_path: str, fingerprint: str) -> NDArray[np.float32] | None:
    """Return the brightness of test pictures in memory; of those in files, what an audit has measured."""
    dataset = load_dataset(name, data_path)
    if dataset.streamed:
        return known_brightness(fingerprint)
    images = dataset.test_images
    parts = [np.asarray(images[np.arange(start, min(start + _CHUNK, len(images)))]).mean(axis=(1, 2, 3)) / 255
             for start in range(0, len(images), _CHUNK)]
    return np.concatenate(parts).astype(np.float32)
