"""``Dataset``: the pictures and targets of both splits, with statistics and a fingerprint."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.data.ledger import NOTHING, Ledger
from engine.errors import ConfigError
from engine.words import listed

Pictures = NDArray[np.uint8]
Targets = NDArray[np.int64]
"""The class of each picture, [N]; or for pictures with any number of classes 0 or 1 for each, [N, K]."""
_CHUNK = 1024

class LazyPictures(Protocol):
    """A set too large for memory: ``images[ids]`` reads uint8 [len(ids), H, W, C]; thread-safe."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, ids: NDArray[np.int64]) -> Pictures: ...


Images: TypeAlias = Pictures | LazyPictures
"""uint8 [N, H, W, C]: an array, or pictures that are read on demand."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """The contents of a source: pictures uint8 [N, H, W, C] and targets of both splits.

    Attributes:
        classes: class names in label order, if only the files contain them; else empty.
        notes: remarks on how the files were interpreted, one sentence each.
        skipped: unreadable pictures, by path relative to the set's folder, each with its reason.
        ledger: the account of the files.
    """

    train_images: Images
    train_targets: Targets
    test_images: Images
    test_targets: Targets
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    ledger: Ledger = NOTHING


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset(Arrays):
    """A classification data set ready for training; its pictures are usually memory-mapped and read-only.

    Attributes:
        fingerprint: 16 hex digits of the SHA-256 of all pictures and targets; for a streamed set, of its files.
        mean, std: of the training pictures, one number per channel, where 255 is 1.
        files: the picture files of both splits by name, :class:`engine.data.photographs.source.FileList`; empty: the
        pictures have no files of their own.
    """

    name: str
    fingerprint: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    files: Mapping[str, Any] = field(default_factory=dict)

    @property
    def streamed(self) -> bool:
        """Whether pictures are read from their files on demand."""
        return not isinstance(self.train_images, np.ndarray)


def fingerprint(arrays: Arrays) -> str:
    """Return 16 hex digits that change with any picture, target, order or shape; the pictures must be arrays."""
    digest = hashlib.sha256()
    for array in (arrays.train_images, arrays.train_targets, arrays.test_images, arrays.test_targets):
        assert isinstance(array, np.ndarray)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]


def count_levels(images: Pictures) -> NDArray[np.int64]:
    """Return the histogram of each channel of uint8 [N, H, W, C]: int64 [C, 256]."""
    levels = np.zeros((images.shape[3], 256), np.int64)
    for start in range(0, len(images), _CHUNK):
        part = images[start:start + _CHUNK]
        for channel, counts in enumerate(levels):
            counts += np.bincount(part[..., channel].ravel(), minlength=256)
    return levels


def mean_and_std(levels: NDArray[np.int64]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of each channel, where 255 is 1, from :func:`count_levels`."""
    scale = np.arange(256) / 255
    means, stds = [], []
    for counts in levels:
        share: NDArray[Any] = counts / counts.sum()
        mean = float(share @ scale)
        means.append(mean)
        stds.append(float(np.sqrt(share @ (scale - mean) ** 2)))
    return tuple(means), tuple(stds)


def unreadable_error(skipped: Sequence[str], pictures: int) -> ConfigError:
    """Return the error of a run with ``unreadable=stop``: the first of the skipped entries, besides ``pictures``
    readable ones."""
    count = len(skipped)
    named = listed(skipped, separator="; ")
    return ConfigError("unreadable", "stop", f"possible, as {count:,} of {count + pictures:,} pictures cannot be read "
                                             f"({named}); choose skip to leave them out")
