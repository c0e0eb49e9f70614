"""How each data set is found, read and downloaded: one row each, by the names of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data import cifar, digits, download, idx
from engine.data.catalog import DatasetRow
from engine.data.dataset import Arrays


@dataclass(frozen=True)
class Loader:
    """The steps from a name to arrays.

    Attributes:
        folders: places to look in, best first, given the folder the user named or None.
        find: the source files in a folder, in the order ``read`` takes them; empty when it holds none.
        read: source files to arrays; UserError names a broken file.
        download: fetches into a root folder so that ``folders`` finds it there; None: nothing to download.
    """

    folders: Callable[[Path | None], list[Path]]
    find: Callable[[Path], list[Path]]
    read: Callable[[Sequence[Path], DatasetRow], Arrays]
    download: Callable[[Path, download.Progress], None] | None = None


LOADERS: dict[str, Loader] = {
    "Digits": Loader(digits.folders, digits.find, digits.read),
    "FashionMNIST": Loader(idx.folders, idx.find, idx.read, download.fashion_mnist),
    "CIFAR10": Loader(cifar.CIFAR10.folders, cifar.CIFAR10.find, cifar.CIFAR10.read, download.cifar10),
    "CIFAR100": Loader(cifar.CIFAR100.folders, cifar.CIFAR100.find, cifar.CIFAR100.read, download.cifar100),
}
