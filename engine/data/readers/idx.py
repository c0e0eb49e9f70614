"""FashionMNIST from IDX files (http://yann.lecun.com/exdb/mnist), gzipped or not."""

import gzip
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.download import Progress, fetch, new_folder
from engine.data.readers.loaders import Loader, files_ledger
from engine.errors import UserError
from engine.files import open_regular
from engine.home import data_dir
from engine.words import counted

_LARGEST = 640 << 20  # 850,000 pictures of 28 px; unpacking takes twice as much memory

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def folders(data_path: Path | None) -> list[Path]:
    """Return where the files may be, best first; only the user's folder if one is named."""
    if data_path:
        return [data_path, data_path / "FashionMNIST" / "raw", data_path / "raw", data_path / "FashionMNIST"]
    own = data_dir() / "FashionMNIST"
    return [own, own / "raw", DEBIAN]


def find(folder: Path) -> list[Path]:
    """Return the four files in the order of :data:`FILES`, or nothing if none exists.

    Raises:
        UserError: only some exist.
    """
    found = [next((file for file in (folder / name, folder / f"{name}.gz") if file.is_file()), None) for name in FILES]
    if not any(found):
        return []
    for name, file in zip(FILES, found, strict=True):
        if file is None:
            raise UserError(f"{folder}: {name} (or {name}.gz) is missing")
    return [file for file in found if file]


def read(_folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Return both splits; pictures [N, side, side, 1].

    Raises:
        UserError: a file is broken or does not match its partner; names it.
    """
    train_images, train_targets = _split(files[0], files[1], row)
    test_images, test_targets = _split(files[2], files[3], row)
    return Arrays(train_images, train_targets, test_images, test_targets,
                  ledger=files_ledger({"train": files[:2], "test": files[2:]}))


def download(root: Path, progress: Progress) -> None:
    """Download the four gzipped files into ``root/FashionMNIST/raw``; raises as :func:`fetch`."""
    from torchvision.datasets import FashionMNIST

    with new_folder(root / "FashionMNIST" / "raw") as folder:
        for name, md5 in FashionMNIST.resources:
            fetch([f"{mirror}{name}" for mirror in FashionMNIST.mirrors], folder / name, md5, progress)


def read_idx(file: Path, dimensions: int) -> Pictures:
    """Read the uint8 array of an IDX file.

    Raises:
        UserError: unreadable, not IDX bytes with this many dimensions, or of another length than its header says.
    """
    try:
        with open_regular(file) as raw, gzip.open(raw) if file.suffix == ".gz" else raw as stream:
            header = stream.read(4 + 4 * dimensions)
            if len(header) < 4 + 4 * dimensions or header[:4] != bytes((0, 0, 8, dimensions)):
                raise UserError(f"{file}: not an IDX file of bytes with {counted(dimensions, 'dimension')}")
            shape = struct.unpack(f">{dimensions}I", header[4:])
            expected = math.prod(shape)
            if expected > _LARGEST:
                raise UserError(f"{file}: its header promises {expected:,} bytes, more than {_LARGEST:,}")
            content = stream.read(expected + 1)  # no more is unpacked than was promised
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{file}: cannot be read ({error})") from error
    if len(content) != expected:
        held = f"{len(content):,}" if len(content) < expected else f"more than {expected:,}"
        raise UserError(f"{file}: holds {held} bytes; its header says {expected:,}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _split(image_file: Path, label_file: Path, row: DatasetRow) -> tuple[Pictures, Targets]:
    images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
    if images.shape[1:] != (row.size, row.size):
        raise UserError(f"{image_file}: pictures of {images.shape[1]}×{images.shape[2]} pixels, expected "
                        f"{row.size}×{row.size}")
    if len(images) != len(labels) or not len(images):
        raise UserError(f"{label_file}: {len(labels):,} labels for {len(images):,} pictures")
    if labels.max() >= len(row.classes):
        raise UserError(f"{label_file}: label {labels.max()} is beyond the {len(row.classes)} classes")
    return images[..., None], labels.astype(np.int64)


LOADER = Loader(folders, find, read, download)
