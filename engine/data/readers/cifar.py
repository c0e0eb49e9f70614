"""CIFAR-10 and CIFAR-100 from their Python pickles (https://www.cs.toronto.edu/~kriz/cifar.html)."""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from engine.catalog.datasets import DatasetRow
from engine.data.dataset import Arrays, Pictures, Targets
from engine.data.readers.download import Progress, fetch_folder
from engine.data.readers.loaders import Loader, all_files
from engine.errors import UserError
from engine.home import data_dir


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
        return Arrays(np.concatenate(train_images), np.concatenate(train_targets), *parts[-1])

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
        targets = np.asarray(labels)
        if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= len(row.classes):
            raise UserError(f"{file}: a label is not a number from 0 to {len(row.classes) - 1}")
        return np.ascontiguousarray(data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), targets.astype(np.int64)


CIFAR10 = Layout(
    "CIFAR10", "cifar-10-batches-py", (*(f"data_batch_{part}" for part in range(1, 6)), "test_batch"), "labels")
CIFAR100 = Layout("CIFAR100", "cifar-100-python", ("train", "test"), "fine_labels")


class _ArraysOnly(pickle.Unpickler):
    """Unpickles dictionaries, lists and arrays only, and runs no other code."""

    _ALLOWED = frozenset({"multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer"})

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        tail = f"{module.rpartition('.')[2]}.{name}"
        if module.startswith(("numpy.core.", "numpy._core.")) and tail in self._ALLOWED:
            module = module.replace("numpy.core.", "numpy._core.")
        elif (module, name) not in {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}")
        return cast(Callable[..., Any], super().find_class(module, name))


def _unpickle(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            content = _ArraysOnly(stream, encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises almost anything
        raise UserError(f"{file}: cannot be read as a CIFAR pickle ({error or type(error).__name__})") from error
    if not isinstance(content, dict):
        raise UserError(f"{file}: not a CIFAR pickle, which is a dictionary")
    return {key.decode("latin1") if isinstance(key, bytes) else str(key): value for key, value in content.items()}
