"""``Listing``: a list of picture files with targets, and scanning of folders."""

import hashlib
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.data.dataset import Targets
from engine.data.readers.picture_files import SUFFIXES

SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test",
          "val": "val", "valid": "val", "validation": "val"}
"""Names of split folders, in lower case."""

_LITTER = (".", "__")
_DEEPEST = 4
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
        notes: remarks on how the folder was interpreted.
    """

    root: Path
    train: tuple[str, ...]
    train_targets: Targets
    test: tuple[str, ...]
    test_targets: Targets
    side: int
    channels: int
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def class_names(folder: Path) -> list[str]:
    """Return the subfolders that can be classes, sorted; hidden ones and archive leftovers are skipped."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(_LITTER))
    except OSError:
        return []


def picture_names(root: Path, inside: str, depth: int = 2,
                  suffixes: Collection[str] | None = SUFFIXES) -> list[str]:
    """Return the picture files in a folder of ``root``, as sorted paths relative to ``root``.

    Args:
        depth: maximum depth of folders, as the user may name a home folder or a disk by mistake.
        suffixes: in lower case; None: all files.
    """
    found = []
    for folder, folders, files in os.walk(root / inside):
        place = os.path.relpath(folder, root / inside)
        level = 0 if place == "." else place.count(os.sep) + 1
        folders[:] = [name for name in folders if level < depth and not name.startswith(_LITTER)]
        found += [os.path.normpath(os.path.join(inside, place, name)) for name in files  # noqa: PTH118 - many times
                  if (suffixes is None or os.path.splitext(name)[1].lower() in suffixes)  # noqa: PTH122
                  and not name.startswith(".")]
    return sorted(found)


def content_stamp(root: Path, others: Collection[str] | None = ()) -> str:
    """Return a hash of path, size and time of all picture files, and of files with the ``others`` suffixes; None: all
    files. If a large folder was scanned within the last minute, only the times of its folders are checked."""
    folders = folder_stamp(root)
    if root in _LARGE and _LARGE[root][0] == folders:
        return _LARGE[root][1]
    digest = hashlib.sha256()
    names = picture_names(root, "", _DEEPEST, None if others is None else SUFFIXES.union(others))
    for name in names:
        status = (root / name).stat()
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
        if name.lower() in SPLITS:
            for inner in class_names(root / name):
                yield from (root / name / inner, root / name / inner / "images")
