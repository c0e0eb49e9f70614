"""CIFAR-10 and CIFAR-100 from their Python pickles (https://www.cs.toronto.edu/~kriz/cifar.html)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.download import Progress, fetch_folder
from engine.data.readers.loaders import Loader, all_files, files_ledger
from engine.data.readers.number_pickle import NumberArray, NumbersUnpickler
from engine.errors import UserError
from engine.files import read_regular
from engine.home import data_dir

_LARGEST = 1 << 30


@dataclass(frozen=True)
class Layout:
    """Files of one of the two sets: its class in torchvision, folder, files with the test file last, and key of the
    labels."""

    source: str
    folder: str
    files: tuple[str, ...]
    labels: str

    def folders(self, data_path: Path | None) -> list[Path]:
        """Return where the files may be, best first; only the user's folder if one is named."""
        root = data_path or data_dir()
        return [root / self.folder, root]

    def find(self, folder: Path) -> list[Path]:
        return all_files(folder, self.files)

    def read(self, _folder: Path, files: Sequence[Path], row: DatasetRow) -> Arrays:
        """Return both splits; pictures [N, 32, 32, 3].

        Raises:
            UserError: a file is broken; names it.
        """
        parts = [self._part(file, row) for file in files]
        train_images, train_targets = zip(*parts[:-1], strict=True)
        return Arrays(np.concatenate(train_images), np.concatenate(train_targets), *parts[-1],
                      ledger=files_ledger({"train": files[:-1], "test": files[-1:]}))

    def download(self, root: Path, progress: Progress) -> None:
        """Download the folder into ``root``; raises as :func:`fetch_folder`."""
        import torchvision.datasets

        source = getattr(torchvision.datasets, self.source)
        fetch_folder(source.url, source.tgz_md5, root / self.folder, progress)

    @property
    def loader(self) -> Loader:
        return Loader(self.folders, self.find, self.read, self.download)

    def _part(self, file: Path, row: DatasetRow) -> tuple[Pictures, Targets]:
        content = _unpickle(file)
        data, labels = content.get("data"), content.get(self.labels)
        if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3072:
            raise UserError(f"{file}: holds no pictures of 3,072 bytes each")
        if not isinstance(labels, (list, np.ndarray)) or len(labels) != len(data) or not len(data):
            count = len(labels) if isinstance(labels, (list, np.ndarray)) else 0
            raise UserError(f"{file}: {count:,} labels for {len(data):,} pictures")
        targets = labels if isinstance(labels, np.ndarray) else _whole_numbers(labels)
        if targets.ndim != 1 or targets.dtype.kind not in "iu" or not 0 <= targets.min() <= targets.max() < len(
                row.classes):
            raise UserError(f"{file}: a label is not a number from 0 to {len(row.classes) - 1}")
        return np.ascontiguousarray(data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), targets.astype(np.int64)


CIFAR10 = Layout(
    "CIFAR10", "cifar-10-batches-py", (*(f"data_batch_{part}" for part in range(1, 6)), "test_batch"), "labels")
CIFAR100 = Layout("CIFAR100", "cifar-100-python", ("train", "test"), "fine_labels")


def _whole_numbers(labels: list[Any]) -> NDArray[Any]:
    """The labels as an array, of another kind where one is no whole number that fits."""
    return np.asarray(labels if all(type(label) is int and abs(label) < 1 << 31 for label in labels) else [""])


def _unpickle(file: Path) -> dict[str, Any]:
    try:
        content = NumbersUnpickler(io.BytesIO(read_regular(file, _LARGEST)), encoding="latin1").load()
    except MemoryError:
        raise
    except Exception as error:  # a damaged pickle raises almost anything
        raise UserError(f"{file}: cannot be read as a CIFAR pickle ({error or type(error).__name__})") from error
    if not isinstance(content, dict):
        raise UserError(f"{file}: not a CIFAR pickle, which is a dictionary")
    found = {key.decode("latin1") if isinstance(key, bytes) else str(key): value for key, value in content.items()}
    return {key: value.array if isinstance(value, NumberArray) else value for key, value in found.items()}
