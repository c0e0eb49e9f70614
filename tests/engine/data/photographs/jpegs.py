"""Folders of JPEGs of many sizes, for tests."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.photographs.source import FileList
from engine.data.readers.picture_files import CHECKSUM

SIZES = [(60, 80), (80, 60), (50, 50), (33, 120)]
"""Heights and widths."""


def jpeg_folder(root: Path, *, count: int = 8, classes: tuple[str, ...] = ("cats", "dogs")) -> Path:
    """``count`` different smooth JPEGs a class, of the four sizes in turn."""
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            height, width = SIZES[number % len(SIZES)]
            few = np.random.RandomState(100 * label + number).randint(0, 256, (5, 7, 3), np.uint8)
            Image.fromarray(few).resize((width, height), Image.Resampling.BICUBIC).save(
                root / name / f"{number:03d}.jpg", quality=90)
    return root


def listed_files(root: Path, channels: int = 3) -> FileList:
    """The pictures of such a folder."""
    files = sorted(root.rglob("*.jpg"))
    contents = np.stack([np.frombuffer(hashlib.sha256(file.read_bytes()).digest()[:CHECKSUM], np.uint8)
                         for file in files])
    sizes = np.array([Image.open(file).size[::-1] for file in files], np.int64)
    return FileList(root, [str(file.relative_to(root)) for file in files], contents, sizes, channels, None)
