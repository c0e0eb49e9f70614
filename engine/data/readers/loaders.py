"""``Loader``: how to find, read and download a data set. Each reader's module defines those of its sets."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from engine.catalog.datasets import DATASETS, DatasetRow
from engine.confined.client import confined
from engine.data.boxes.pictures import Gathered
from engine.data.dataset import Arrays
from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.box_listing import AnnotatedListing
from engine.data.readers.download import Progress
from engine.data.readers.listing import Listing, content_stamp
from engine.data.reading import Reading, split_place
from engine.errors import UserError
from engine.words import listed

Source = Arrays | Listing | AnnotatedListing | Gathered


@dataclass(frozen=True)
class Loader:
    """The steps from a name to pictures.

    Attributes:
        folders: returns the places to search, best first, given the folder the user named or None.
        find: returns the source files in a folder, in the order for ``read``; empty: not here. For picture files, which
        may be a hundred thousand, returns only enough to identify the folder.
        read: turns a folder and its source files into pictures, or a listing of picture files to read one by one;
        raises UserError with the name of a broken file.
        download: downloads into a root folder where ``folders`` finds it; None: no download.
        stamp: returns a text that changes with any source file that ``find`` does not return.
    """

    folders: Callable[[Path | None], list[Path]]
    find: Callable[[Path], list[Path]]
    read: Callable[[Path, Sequence[Path], DatasetRow], Source]
    download: Callable[[Path, Progress], None] | None = None
    stamp: Callable[[Path], str] = lambda _: ""


def user_place(data_path: Path | None) -> list[Path]:
    """Search only the place that the user names."""
    return [data_path] if data_path else []


def user_folder(read: Callable[[Path, Reading, DatasetRow], Source], suffixes: Collection[str] | None = (),
                known: tuple[str, ...] = ()) -> Loader:
    """Return the loader of pictures in a folder of the user's.

    Args:
        suffixes: other files than pictures that the data set depends on; None: all.
        known: the names of :data:`engine.data.reading.READINGS` that ``read`` heeds.
    """
    def find(place: Path) -> list[Path]:
        folder, _ = split_place(place, known)
        return [folder] if folder.is_dir() else []

    def read_place(place: Path, _files: Sequence[Path], row: DatasetRow) -> Source:
        return read(*split_place(place, known), row)

    def stamp(place: Path) -> str:
        folder, reading = split_place(place, known)
        return content_stamp(folder, suffixes, follow=reading.get("links") != "skip")

    return Loader(user_place, find, read_place, stamp=stamp)


def generated(module: str, read: Callable[[Path, Sequence[Path], DatasetRow], Source]) -> Loader:
    """Return the loader of a generated data set, which is generated again if ``module``, its file, changes."""
    return Loader(lambda _: [Path(module).parent], lambda _: [Path(module)], read)


def all_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return these files, or nothing if none exists.

    Raises:
        UserError: only some exist.
    """
    files = [folder / name for name in names]
    missing = [file for file in files if not file.is_file()]
    if 0 < len(missing) < len(files):
        raise UserError(f"{missing[0]} is missing")
    return [] if missing else files


def files_ledger(parts: Mapping[str, Sequence[Path]], unused: Mapping[str, str] | None = None) -> Ledger:
    """Return the account of the files of a known set, and of what lies beside them.

    Args:
        parts: the files of each part, all in one folder.
        unused: why another file of the set is not used, by name.
    """
    used = {part: [file.name for file in files] for part, files in parts.items()}
    folder = next(iter(chain(*parts.values()))).parent
    found = sorted(file.name for file in folder.iterdir() if file.is_file())
    why = {name: (unused or {}).get(name, "") for name in found if name not in chain(*used.values())}
    account = Account.of_names("files", found, used, {
        name: reason or "no file of this data set with pictures or labels" for name, reason in why.items()})
    told = tuple(Decision(f"{name} is not used", reason) for name, reason in why.items() if reason)
    return Ledger((account,), tuple(Part(part, listed(names, len(names))) for part, names in used.items()), told)


def loader_for(dataset: str) -> Loader:
    """Return the loader named in a data set's row."""
    place = DATASETS[dataset].loader
    loader: Loader = resolve_name(place) if isinstance(place, str) else place
    return loader


def read_confined(entry: str, dataset: str, source: Path, files: Sequence[Path],
                  on_file: Callable[[], object] = lambda: None, **more: str) -> Any:
    """Call a function that reads a data set's files, as :func:`confined` does; of a plug-in's set in this process, as a
    plug-in is the user's own code.

    Args:
        entry: ``module:function`` whose request is the other arguments, paths as texts.
        on_file: called after each file that was decoded.
    """
    request = {"dataset": dataset, "source": str(source), "files": list(map(str, files)), **more}
    own_code = not isinstance(DATASETS[dataset].loader, str)
    return resolve_name(entry)(request) if own_code else confined(entry, request, on_file)
