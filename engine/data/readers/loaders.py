"""``Loader``: how a data set is found, read and downloaded. Each reader's module holds those of its sets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name

from engine.catalog.datasets import DATASETS, DatasetRow
from engine.data.boxes.gathering import Gathered
from engine.data.dataset import Arrays
from engine.data.readers.box_listing import AnnotatedListing
from engine.data.readers.download import Progress
from engine.data.readers.listing import Listing

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
    download: Callable[[Path, Progress], None] | None = None
    stamp: Callable[[Path], str] = lambda _: ""


def loader_for(dataset: str) -> Loader:
    """The loader that a data set's row names."""
    place = DATASETS[dataset].loader
    loader: Loader = resolve_name(place) if isinstance(place, str) else place
    return loader
