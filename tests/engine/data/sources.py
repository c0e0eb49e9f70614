"""Small source files in the real formats, for tests."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.readers.cifar import Layout

PET_CLASSES = ("cats", "dogs", "emus")

RAMP = np.arange(60 * 16 * 16).reshape(60, 16, 16, 1).repeat(3, axis=3) % 256
"""60 pictures of bytes from 0 to 255."""


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


def picture(side: int = 12, *, seed: int = 0, colour: bool = True) -> Image.Image:
    """A random picture."""
    shape = (side, side, 3) if colour else (side, side)
    return Image.fromarray(np.random.RandomState(seed).randint(0, 256, shape, np.uint8))


def content(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def class_folder(root: Path, *, count: int = 10, classes: tuple[str, ...] = PET_CLASSES, side: int = 12,
                 colour: bool = True) -> Path:
    """``count`` different PNG pictures a class, ``root/CLASS/NUMBER.png``."""
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            image = picture(side, seed=1000 * label + number, colour=colour)
            image.save(root / name / f"{number:03d}.png")
    return root


def arrays(root: Path, *, train: int = 40, test: int = 20, classes: int = 10, **changes: Any) -> Path:
    """``train_images.npy`` and so on, with some of them replaced, or left out where the change is None."""
    root.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(3)
    found = {}
    for split, count in (("train", train), ("test", test)):
        found[f"{split}_images"] = random.randint(0, 256, (count, 16, 16, 3), np.uint8)
        found[f"{split}_targets"] = np.arange(count) % classes
    for name, array in (found | changes).items():
        if array is not None:
            np.save(root / f"{name}.npy", array)
    return root


def svhn(root: Path, *, train: int = 40, test: int = 20, **changes: Any) -> Path:
    """The two MATLAB files, digits 1 to 10; ``changes`` to the keys of the training one."""
    from scipy.io import savemat

    root.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(4)
    for split, count in (("train", train), ("test", test)):
        content = {"X": random.randint(0, 256, (32, 32, 3, count), np.uint8),
                   "y": (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]}
        savemat(root / f"{split}_32x32.mat", content | (changes if split == "train" else {}))
    return root


def tiny_imagenet(root: Path, *, classes: int = 4, train: int = 5, test: int = 2) -> Path:
    """``root/tiny-imagenet-200`` with a few classes; its second training picture is grey, as some of the real are."""
    folder = root / "tiny-imagenet-200"
    ids = [f"n{number:08d}" for number in range(classes)]
    for label, wnid in enumerate(ids):
        images = folder / "train" / wnid / "images"
        images.mkdir(parents=True)
        for number in range(train):
            image = picture(64, seed=100 * label + number, colour=number != 1)
            image.save(images / f"{wnid}_{number}.JPEG")
    (folder / "val" / "images").mkdir(parents=True)
    lines = []
    for number in range(test * classes):
        picture(64, seed=5000 + number).save(folder / "val" / "images" / f"val_{number}.JPEG")
        lines.append(f"val_{number}.JPEG\t{ids[-1 - number % classes]}\t0\t32\t44\t62\n")
    (folder / "val" / "val_annotations.txt").write_text("".join(lines))
    words = [f"{wnid}\tanimal {number}, beast\n" for number, wnid in enumerate(ids)]
    (folder / "words.txt").write_text("".join(words) + "n99999999\telsewhere\n")
    return folder
