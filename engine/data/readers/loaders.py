"""How each data set is found, read and downloaded: one row each, by the names of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.catalog.datasets import DatasetRow
from engine.data.boxes.gathering import Gathered
from engine.data.dataset import Arrays
from engine.data.readers import (
    cifar,
    class_folders,
    coco,
    digits,
    download,
    idx,
    npy,
    scenes,
    shapes,
    svhn,
    tiny_imagenet,
    voc,
)
from engine.data.readers.box_listing import AnnotatedListing
from engine.data.readers.listing import Listing, content_stamp

Source = Arrays | Listing | AnnotatedListing | Gathered


@dataclass(frozen=True)
class Loader:
    """The steps from a name to pictures.

    Attributes:
        folders: places to look in, best first, given the folder the user named or None.
        find: the source files in a folder, in the order ``read`` takes them; empty when it holds none. Of picture
            files, of which there may be a hundred thousand, only what is enough to know the folder by.
        read: a folder and its source files to pictures, or to a list of picture files that are then read one by one;
            UserError names a broken file.
        download: fetches into a root folder so that ``folders`` finds it there; None: nothing to download.
        stamp: a text that changes with any source file that ``find`` does not tell.
    """

    folders: Callable[[Path | None], list[Path]]
    find: Callable[[Path], list[Path]]
    read: Callable[[Path, Sequence[Path], DatasetRow], Source]
    download: Callable[[Path, download.Progress], None] | None = None
    stamp: Callable[[Path], str] = lambda _: ""


LOADERS: dict[str, Loader] = {
    "Digits": Loader(digits.folders, digits.find, digits.read),
    "FashionMNIST": Loader(idx.folders, idx.find, idx.read, download.fashion_mnist),
    "CIFAR10": Loader(cifar.CIFAR10.folders, cifar.CIFAR10.find, cifar.CIFAR10.read, download.cifar10),
    "CIFAR100": Loader(cifar.CIFAR100.folders, cifar.CIFAR100.find, cifar.CIFAR100.read, download.cifar100),
    "TinyImagenet": Loader(tiny_imagenet.folders, tiny_imagenet.find, tiny_imagenet.read, download.tiny_imagenet,
                           content_stamp),
    "SVHN": Loader(svhn.folders, svhn.find, svhn.read, download.svhn),
    "Shapes": Loader(shapes.folders, shapes.find, shapes.read),
    "npy": Loader(npy.folders, npy.find, npy.read),
    "folder": Loader(class_folders.folders, class_folders.find, class_folders.read, stamp=content_stamp),
    "voc": Loader(class_folders.folders, class_folders.find, voc.read, stamp=voc.stamp),
    "coco": Loader(class_folders.folders, class_folders.find, coco.read, stamp=coco.stamp),
    "Scenes": Loader(scenes.folders, scenes.find, scenes.read),
}
