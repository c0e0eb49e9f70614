"""Statistics of a data set's pictures: brightness, contrast and the mean picture of each class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.audits.duplicates import digests
from engine.data.audits.leaks import sketch
from engine.data.dataset import Images, Pictures, Targets, count_levels, mean_and_std
from engine.data.streaming import read_ahead
from engine.labels.targets import class_counts, of_class

_CHUNK_BYTES = 16 << 20


@dataclass(frozen=True, eq=False)
class SplitStatistics:
    """Statistics of one split.

    Attributes:
        levels: int64 [C, 256], histogram of each channel.
        brightness, contrast: float32 [N], mean and standard deviation of each picture's values, where 255 is 1.
        means: uint8 [classes, H, W, C], the mean picture of each class; black for a class without pictures.
    """

    levels: NDArray[np.int64]
    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]
    means: Pictures

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel, where 255 is 1."""
        return mean_and_std(self.levels)[0]

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of each channel, where 255 is 1."""
        return mean_and_std(self.levels)[1]


def scan_split(images: Images, targets: Targets, classes: int,
               ) -> tuple[SplitStatistics, list[bytes], NDArray[np.float32]]:
    """Compute statistics, digests and sketches in chunks, so that files are read once and never all at once.

    Args:
        images: uint8 [N, H, W, C].
        targets: int64 [N], or [N, K].

    Returns:
        The statistics, and each picture's digest (:func:`engine.data.audits.duplicates.digests`) and sketch
        (:func:`engine.data.audits.leaks.sketch`).
    """
    _, height, width, channels = images.shape
    levels = np.zeros((channels, 256), np.int64)
    sums = np.zeros((classes, height * width * channels), np.int64)
    brightness, contrast, keys, sketches = [], [], [], []
    chunks = _chunks(len(targets), height * width * channels)
    for places, part in zip(chunks, read_ahead(lambda places: np.asarray(images[places]), chunks), strict=True):
        flat = part.reshape(len(part), -1)
        levels += count_levels(part)
        mean = flat.mean(axis=1, dtype=np.float32)
        squares = np.einsum("nd,nd->n", flat, flat, dtype=np.float64, casting="unsafe") / flat.shape[1]
        brightness.append(mean / 255)
        contrast.append(np.sqrt(np.maximum(squares - mean.astype(np.float64) ** 2, 0)) / 255)
        for label in np.flatnonzero(class_counts(targets[places], classes)).tolist():
            sums[label] += flat[of_class(targets[places], label)].sum(axis=0, dtype=np.int64)
        keys.extend(digests(part))
        sketches.append(sketch(part))
    counts = np.maximum(class_counts(targets, classes), 1)
    means = np.rint(sums / counts[:, None]).astype(np.uint8).reshape(classes, height, width, channels)
    statistics = SplitStatistics(levels, np.concatenate(brightness), np.concatenate(contrast).astype(np.float32), means)
    return statistics, keys, np.concatenate(sketches)


def _chunks(count: int, picture_bytes: int) -> list[NDArray[np.int64]]:
    step = max(1, _CHUNK_BYTES // picture_bytes)
    return [np.arange(start, min(start + step, count)) for start in range(0, count, step)]
