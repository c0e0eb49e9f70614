"""``Listing``: a list of picture files with targets, and scanning of folders."""

import hashlib
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.confined.marks import opened
from engine.data.dataset import Targets
from engine.data.ledger import Ledger
from engine.data.readers.picture_files import SUFFIXES
from engine.data.readers.picture_opening import HEIF
from engine.data.readers.split_words import part_of
from engine.data.reading import overruled
from engine.errors import ConfigError
from engine.files import check_allowed

_MOST_OTHERS = 200_000
"""Files other than pictures, above which a disk or a home was probably named by mistake."""

MASKS = frozenset({"segmentationclass", "segmentationobject", "masks", "trimaps"})
"""Folders of segmentation masks, which have the same names as their pictures, in lower case."""

_LITTER = (".", "__")
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})
_RECHECK_SECONDS = 60
_LARGE_FROM = 5000
_LARGE: dict[Path, tuple[tuple[tuple[str, int], ...], str]] = {}


@dataclass(frozen=True, eq=False)
class Listing:
    """The picture files of both splits, and the shape to read them in.

    Attributes:
        root: the set's folder; ``train`` and ``test`` are relative to it.
        side, channels: pictures are read as [side, side, channels].
        classes: class names in label order.
        ledger: the account of the folder's files; the first counts those for ``train`` and ``test``. Its ``values`` are
        those that the user chose, if any.
        problems: annotations that cannot be used, by file and line, with the reason.
    """

    root: Path
    train: tuple[str, ...]
    train_targets: Targets
    test: tuple[str, ...]
    test_targets: Targets
    side: int
    channels: int
    classes: tuple[str, ...]
    ledger: Ledger
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scan:
    """All files below a folder, as sorted paths relative to it.

    Attributes:
        pictures: the files that are pictures by their names.
        others: why each other file is none.
        links: how many of the files lie behind links.
    """

    pictures: tuple[str, ...]
    others: dict[str, str]
    links: int

    def looks(self) -> dict[str, str]:
        """Return what a ledger tells of links."""
        return {"links": f"{self.links:,} files behind links, which are followed; {overruled('links=skip')} leaves "
                         "them out"} if self.links else {}


def scan(root: Path, *, follow: bool = True) -> Scan:
    """Find all files, at any depth.

    Args:
        follow: whether links are followed; else they are left out.

    Raises:
        ConfigError: a link leads back to a folder that it lies in.
    """
    found: dict[str, str] = {}
    waiting: list[tuple[str, bool, frozenset[tuple[int, int]]]] = [("", False, frozenset())]
    links = 0
    while waiting:
        inside, linked, above = waiting.pop()
        folder = root / inside
        try:
            if linked:
                check_allowed(folder)
            opened(folder)
            status = folder.stat()
            entries = list(os.scandir(folder))
        except OSError as error:
            found[inside] = f"a folder that cannot be opened ({error.strerror})"
            continue
        here = status.st_dev, status.st_ino
        if here in above:
            raise ConfigError("data_path", str(root), f"a folder without loops: the link {inside} leads back to a "
                                                      f"folder that it lies in; remove it, or say 'FOLDER?links=skip'")
        for entry in entries:
            name = f"{inside}/{entry.name}" if inside else entry.name
            behind = linked or entry.is_symlink()
            if entry.is_symlink() and not follow:
                found[name] = "a link, which is not followed"
            elif entry.is_dir():
                waiting.append((name, behind, above | {here}))
            else:
                found[name] = _no_picture(name)
                links += behind
        if len(found) > _MOST_OTHERS and sum(map(bool, found.values())) > _MOST_OTHERS:
            raise ConfigError("data_path", str(root), f"a folder of pictures: most of its first {len(found):,} files "
                                                      "are none")
    return Scan(tuple(sorted(name for name, why in found.items() if not why)),
                {name: why for name, why in sorted(found.items()) if why}, links)


def _no_picture(name: str) -> str:
    """Return why a file is no picture by its name; empty: it is one."""
    *folders, file = name.split("/")
    if file.startswith(".") or file.lower() in _SYSTEM or any(folder.startswith(_LITTER) for folder in folders):
        return "hidden, or left behind by an archive or a system"
    suffix = os.path.splitext(file)[1].lower()  # noqa: PTH122 - many times
    if suffix in SUFFIXES:
        return ""
    wanting = ", which needs the package pillow-heif" if suffix in HEIF else ""
    return f"no picture by name ({suffix or 'no suffix'}{wanting})"


def class_names(folder: Path) -> list[str]:
    """Return the subfolders that can be classes, sorted; hidden ones and archive leftovers are skipped."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(_LITTER))
    except OSError:
        return []


def content_stamp(root: Path, others: Collection[str] | None = (), *, follow: bool = True) -> str:
    """Return a hash of path, size and time of all picture files, and of files with the ``others`` suffixes; None: all
    files. If a large folder was scanned within the last minute, only the times of its folders are checked."""
    folders = folder_stamp(root)
    if root in _LARGE and _LARGE[root][0] == folders:
        return _LARGE[root][1]
    digest = hashlib.sha256()
    found = scan(root, follow=follow)
    names = [*found.pictures, *(name for name in found.others if others is None or name.endswith(tuple(others)))]
    for name in names:
        status = (root / name).lstat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    if len(names) > _LARGE_FROM:
        _LARGE[root] = folders, digest.hexdigest()
    return digest.hexdigest()


def folder_stamp(root: Path) -> tuple[tuple[str, int], ...]:
    """Return a value that changes when files are added, removed or renamed, and every minute; takes milliseconds."""
    stamps = [("", int(time.monotonic() / _RECHECK_SECONDS))]
    for folder in _folders(root):
        try:
            stamps.append((str(folder), folder.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(stamps)


def _folders(root: Path) -> Iterator[Path]:
    """Yield the folder, its split and class folders, and the ``images`` folders inside some classes."""
    yield root
    for name in class_names(root) if root.is_dir() else ():
        yield root / name
        if part_of(name):
            for inner in class_names(root / name):
                yield from (root / name / inner, root / name / inner / "images")
