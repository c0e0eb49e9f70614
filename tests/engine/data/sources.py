"""Small source files in the real formats, for tests."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cifar import Layout


def idx(array: NDArray[np.uint8]) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def fashion(folder: Path, *, train: int = 40, test: int = 20, zipped: bool = True, side: int = 28) -> dict[str, Path]:
    """The four IDX files; returns their paths by ``train-images`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(1)
    paths = {}
    for split, count in (("train", train), ("t10k", test)):
        images = random.randint(0, 256, (count, side, side), np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            path = folder / f"{split}-{kind}-ubyte{'.gz' if zipped else ''}"
            path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
            paths[f"{split}-{kind[:6]}"] = path
    return paths


def cifar(root: Path, layout: Layout, *, count: int = 20, classes: int = 10, **changes: Any) -> Path:
    """The pickles of a CIFAR set, with keys as Python 2 wrote them; returns their folder."""
    folder = root / layout.folder
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(2)
    for name in layout.files:
        content = {"data": random.randint(0, 256, (count, 3072), np.uint8),
                   layout.labels: (np.arange(count) % classes).tolist()} | changes
        (folder / name).write_bytes(pickle.dumps({key.encode(): value for key, value in content.items()}, protocol=2))
    return folder
