"""SVHN, house numbers cropped to single digits, from its MATLAB files (http://ufldl.stanford.edu/housenumbers)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.download import Progress, fetch, new_folder
from engine.data.readers.loaders import Loader, all_files, files_ledger
from engine.errors import UserError
from engine.files import open_regular
from engine.home import data_dir

FILES = ("train_32x32.mat", "test_32x32.mat")
_UNUSED = {"extra_32x32.mat": "it is the part 'extra', easier digits that results on SVHN are rarely trained on"}


def folders(data_path: Path | None) -> list[Path]:
    """Return where the files may be, best first; only the user's folder if one is named."""
    root = data_path or data_dir()
    return [root, root / "SVHN"]


def find(folder: Path) -> list[Path]:
    return all_files(folder, FILES)


def read(_folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
    """Return both splits; pictures [N, 32, 32, 3]. Label 10 in the files is digit 0.

    Raises:
        UserError: a file is broken; names it.
    """
    return Arrays(*_split(files[0], row), *_split(files[1], row),
                  ledger=files_ledger({"train": files[:1], "test": files[1:]}, _UNUSED))


def download(root: Path, progress: Progress) -> None:
    """Download both files into ``root/SVHN``; raises as :func:`fetch`."""
    from torchvision.datasets import SVHN

    with new_folder(root / "SVHN") as folder:
        for split in ("train", "test"):
            url, name, md5 = SVHN.split_list[split]
            fetch([url], folder / name, md5, progress)


def _split(file: Path, row: DatasetRow) -> tuple[Pictures, Targets]:
    from scipy.io import loadmat

    try:
        with open_regular(file) as opened:
            content = loadmat(opened, variable_names=("X", "y"))
    except Exception as error:  # a damaged file raises almost anything
        raise UserError(f"{file}: cannot be read as a MATLAB file ({error or type(error).__name__})") from error
    images, labels = content.get("X"), content.get("y")
    if images is None or images.dtype != np.uint8 or images.shape[:3] != (row.size, row.size, 3) or images.ndim != 4:
        raise UserError(f"{file}: holds no pictures X of {row.size}×{row.size}×3 bytes each")
    if labels is None or labels.size != images.shape[3] or not labels.size:
        raise UserError(f"{file}: {0 if labels is None else labels.size:,} labels y for {images.shape[3]:,} pictures")
    targets = labels.ravel()
    if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() > len(row.classes):
        raise UserError(f"{file}: a label is not a number from 1 to {len(row.classes)}")
    return np.ascontiguousarray(images.transpose(3, 0, 1, 2)), targets.astype(np.int64) % len(row.classes)


LOADER = Loader(folders, find, read, download)
