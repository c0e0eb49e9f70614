"""``Dataset``: the pictures of both splits, and what identifies them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError

Pictures = NDArray[np.uint8]
Targets = NDArray[np.int64]
_CHUNK = 1024

class LazyPictures(Protocol):
    """A set too large for memory: ``images[ids]`` reads uint8 [len(ids), H, W, C], from several threads at once."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, ids: NDArray[np.int64]) -> Pictures: ...


Images: TypeAlias = Pictures | LazyPictures
"""uint8 [N, H, W, C]: an array, or, for a set too large for memory, pictures that are read when they are asked for."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a source holds: pictures uint8 [N, H, W, C] and targets int64 [N] of both splits.

    Attributes:
        classes: class names in label order, of a set whose classes are only known from its files; else empty.
        notes: what a person should know about how the files were understood, one sentence each.
        skipped: pictures left out because they cannot be read, by their path inside the set's folder.
    """

    train_images: Images
    train_targets: Targets
    test_images: Images
    test_targets: Targets
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset(Arrays):
    """A data set ready to train on; its pictures are usually memory-mapped and read-only.

    Attributes:
        fingerprint: 16 hex digits of the SHA-256 of all pictures and targets; of a streamed set, of its files.
        mean, std: of the training pictures, one number a channel, on the scale where 255 is 1.
    """

    name: str
    fingerprint: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def streamed(self) -> bool:
        """Whether the pictures are read from their files whenever they are needed."""
        return not isinstance(self.train_images, np.ndarray)


def fingerprint(arrays: Arrays) -> str:
    """16 hex digits that change with any picture, target, order or shape; the pictures must be arrays."""
    digest = hashlib.sha256()
    for array in (arrays.train_images, arrays.train_targets, arrays.test_images, arrays.test_targets):
        assert isinstance(array, np.ndarray)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def levels_of(images: Pictures) -> NDArray[np.int64]:
    """How often each value occurs in each channel of uint8 [N, H, W, C]: [C, 256]."""
    levels = np.zeros((images.shape[3], 256), np.int64)
    for start in range(0, len(images), _CHUNK):
        part = images[start:start + _CHUNK]
        for channel, counts in enumerate(levels):
            counts += np.bincount(part[..., channel].ravel(), minlength=256)
    return levels


def mean_and_std(levels: NDArray[np.int64]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, on the scale where 255 is 1, from :func:`levels_of`."""
    scale = np.arange(256) / 255
    means, stds = [], []
    for counts in levels:
        share: NDArray[Any] = counts / counts.sum()
        mean = float(share @ scale)
        means.append(mean)
        stds.append(float(np.sqrt(share @ (scale - mean) ** 2)))
    return tuple(means), tuple(stds)


_NAMED = 5


def refused(skipped: Sequence[str], pictures: int) -> ConfigError:
    """Why a run with ``unreadable=stop`` cannot begin: the first of what cannot be read, beside so many pictures."""
    count = len(skipped)
    named = "; ".join(skipped[:_NAMED]) + (" and others" if count > _NAMED else "")
    return ConfigError("unreadable", "stop", f"possible with {count:,} of {count + pictures:,} pictures that cannot be "
                                             f"read ({named}); skip leaves them out")
