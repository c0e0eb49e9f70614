"""``Dataset``: the pictures of both splits as arrays, and what identifies them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Targets = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a source holds: pictures uint8 [N, H, W, C] and targets int64 [N] of both splits."""

    train_images: Pictures
    train_targets: Targets
    test_images: Pictures
    test_targets: Targets


@dataclass(frozen=True, eq=False)
class Dataset(Arrays):
    """A data set ready to train on; its pictures are usually memory-mapped and read-only.

    Attributes:
        classes: class names in label order.
        fingerprint: 16 hex digits of the SHA-256 of all pictures and targets.
        mean, std: of the training pictures, one number a channel, on the scale where 255 is 1.
    """

    name: str
    classes: tuple[str, ...]
    fingerprint: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


def fingerprint(arrays: Arrays) -> str:
    """16 hex digits that change with any picture, target, order or shape."""
    digest = hashlib.sha256()
    for array in (arrays.train_images, arrays.train_targets, arrays.test_images, arrays.test_targets):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def mean_and_std(images: Pictures) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 [N, H, W, C], on the scale where 255 is 1."""
    levels = np.arange(256) / 255
    means, stds = [], []
    for channel in range(images.shape[-1]):
        share: NDArray[Any] = np.bincount(images[..., channel].ravel(), minlength=256) / images[..., channel].size
        mean = float(share @ levels)
        means.append(mean)
        stds.append(float(np.sqrt(share @ (levels - mean) ** 2)))
    return tuple(means), tuple(stds)
