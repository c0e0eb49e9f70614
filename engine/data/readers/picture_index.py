"""``PictureIndex``: finds the pictures that annotations name, by the longest common end of their paths."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from engine.data.readers.picture_files import SUFFIXES
from engine.data.readers.split_words import split_from_path

_CASE, _SUFFIX, _QUOTED = "upper and lower case", "the suffix", "URL encoding"
_FOLDERS, _PART = "the folders", "the part (train, val, test)"
_LOCAL_FILES = re.compile(r".*\?d=")
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")


class AmbiguousPictureError(Exception):
    """Several pictures are equally likely the one that is meant; its text names two."""


class _Wanted(NamedTuple):
    """A path as an annotation has it, in parts, and in what its reading differs from the text."""

    parts: tuple[str, ...]
    differs: str


class PictureIndex:
    """The pictures of a folder by their names.

    Args:
        names: paths relative to the folder.
        annotated: stems of the annotation files, if each belongs to one picture. Only folders with pictures that can be
        annotated tell one part of the set from another.
    """

    def __init__(self, names: Sequence[str], annotated: Collection[str] | None = None) -> None:
        self.names = names
        self._by_key: tuple[dict[str, list[str]], ...] = tuple(defaultdict(list) for _ in _KEYS)
        self._folders: set[str] = set()
        self._differing: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        for name in names:
            path = PurePosixPath(_plain(name))
            for by_key, key in zip(self._by_key, _KEYS, strict=True):
                by_key[key(path.name)].append(name)
            if annotated is None or PurePosixPath(name).stem in annotated or PurePosixPath(name).name in annotated:
                self._folders.update(path.parts[:-1])

    def find(self, named: str, source: str, split: str, also: Iterable[str] = ()) -> str | None:
        """Find the picture that an annotation file calls ``named``.

        The name may be an absolute path of another machine, with backslashes or URL-encoded, and may differ in case or
        suffix, which :meth:`notes` tells. The longest common end of the paths decides, then that of the paths ``also``,
        then the part that the picture lies in, then which is nearest to the annotation file. A picture in a folder that
        contradicts the name is not taken.

        Raises:
            AmbiguousPictureError: several are equally likely.
        """
        for wanted, found in self._readings(named):
            there = [name for name in found if not self._contradicts(wanted.parts, name)]
            if there:
                name = _nearest(there, [wanted, *(each for text in also for each in _wanted(text)[:1])], source, split)
                self._note(name, wanted, source, split)
                return name
        return None

    def elsewhere(self, named: str) -> str:
        """Return where a picture of this name lies in a folder that contradicts it, for the end of a message."""
        return next((f"; {found[0]} lies in another folder" for _, found in self._readings(named)), "")

    def unused(self, used: Iterable[str], annotated: Collection[str]) -> list[str]:
        """Return the pictures that are neither ``used`` nor have an annotation file, by its stem, of their own name."""
        taken = set(used)
        return [name for name in self.names if name not in taken and PurePosixPath(name).stem not in annotated]

    def notes(self) -> list[str]:
        """Return what differed between names and files, with the numbers and an example."""
        return [f"pictures whose files differ in {what} from the names in the annotations: {count:,} "
                f"({self._examples[what]})" for what, count in self._differing.items()]

    def _readings(self, named: str) -> Iterator[tuple[_Wanted, list[str]]]:
        """Yield the pictures that a name can mean, those that differ least first."""
        for wanted in _wanted(named):
            for by_key, key in zip(self._by_key, _KEYS, strict=True):
                if wanted.parts and key(wanted.parts[-1]) in by_key:
                    yield wanted, by_key[key(wanted.parts[-1])]

    def _contradicts(self, wanted: Sequence[str], name: str) -> bool:
        """Whether a path names a folder that other pictures lie in, and this one does not."""
        return not (self._folders.intersection(wanted[:-1]) <= set(PurePosixPath(_plain(name)).parts))

    def _note(self, name: str, wanted: _Wanted, source: str, split: str) -> None:
        differs = wanted.differs or _difference(wanted.parts, PurePosixPath(_plain(name)).parts, source)
        part = split_from_path(str(PurePosixPath(name).parent))
        if differs or (split and part not in ("", split)):
            self._differing[differs or _PART] += 1
            self._examples.setdefault(differs or _PART, f"{'/'.join(wanted.parts)} of {source} is {name}")


def _difference(wanted: Sequence[str], found: Sequence[str], source: str) -> str:
    """Return in what the file differs from the name; empty: in nothing, or the name is that of the annotation file."""
    (*folders, said), (*here, file) = wanted, found
    own = tuple(folders) == PurePosixPath(source).parts[:-1]
    if own and _apart(folders, here):
        return _FOLDERS
    if said == file:
        return "" if own or here[len(here) - len(folders):] == folders else _FOLDERS
    if said.casefold() == file.casefold():
        return _CASE
    return _SUFFIX if PurePosixPath(said).suffix.lower() in SUFFIXES else ""


def _apart(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two folders differ in more than what the folders of annotations and of pictures are called."""
    start = _common(one, other)
    end = _common([*reversed(one[start:])], [*reversed(other[start:])])
    return min(len(one), len(other)) - start - end > 1


def _nearest(found: Sequence[str], wanted: Sequence[_Wanted], source: str, split: str) -> str:
    def rank(name: str) -> tuple[object, ...]:
        parts, folder = PurePosixPath(_plain(name)).parts, str(PurePosixPath(name).parent)
        return (*(-_common([*reversed(parts[:-1])], [*reversed(each.parts[:-1])]) for each in wanted),
                split_from_path(folder) != split, -_common(parts[:-1], PurePosixPath(source).parts[:-1]))

    first, *rest = sorted(found, key=lambda name: (rank(name), name))
    if rest and rank(rest[0]) == rank(first):
        raise AmbiguousPictureError(f"{first} and {rest[0]}")
    return first


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts are equal from the beginning."""
    return next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
                min(len(one), len(other)))


def _wanted(text: str) -> list[_Wanted]:
    """Return a path as it is written, then decoded if it is URL-encoded."""
    readings = {_DRIVE.sub("", _plain(text).replace("\\", "/")): ""}
    readings.setdefault(_LOCAL_FILES.sub("", _plain(unquote(text)).replace("\\", "/")), _QUOTED)
    return [_Wanted(tuple(part for part in path.split("/") if part not in ("", ".", "..")), differs)
            for path, differs in readings.items()]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _stem(name: str) -> str:
    """Return a name without the suffix of a picture, in one case."""
    path = PurePosixPath(name.casefold())
    return path.stem if path.suffix in SUFFIXES else str(path)


_KEYS: tuple[Callable[[str], str], ...] = (str, str.casefold, _stem)
"""What names are compared by, the strictest first."""
