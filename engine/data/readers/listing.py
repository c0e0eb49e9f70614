"""``Listing``: a data set of picture files, listed but not yet read."""

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
"""What a folder of a split may be called, in lower case."""

_LITTER = (".", "__")
_DEEPEST = 4
_MOMENT_SECONDS = 60
_LARGE_FROM = 5000
_LARGE: dict[Path, tuple[tuple[tuple[str, int], ...], str]] = {}


@dataclass(frozen=True, eq=False)
class Listing:
    """Where the pictures of both splits are, and how they will be read.

    Attributes:
        root: the set's folder; ``train`` and ``test`` are paths inside it.
        side, channels: the form pictures are read in, [side, side, channels].
        classes: class names in label order.
        notes: what a person should know about how the folder was understood.
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
    """The subfolders that can be classes, in the order of their names; hidden ones and archive litter are not."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(_LITTER))
    except OSError:
        return []


def picture_names(root: Path, inside: str, depth: int = 2,
                  suffixes: Collection[str] | None = SUFFIXES) -> list[str]:
    """The picture files in a folder of ``root``, in the order of their paths, as paths inside ``root``.

    Args:
        depth: how many folders deeper they may lie; a home or a whole disk named by mistake is not searched to its end.
        suffixes: in lower case, of what is looked for; None: of anything.
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
    """Changes with any picture file's path, size or time, and with those of files that have the ``others`` suffixes;
    None: of all files.

    Of a large folder that is looked up again within a minute, only the folders are looked at.
    """
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
    """Changes when pictures come, go or are renamed, and once a minute; milliseconds, as no picture is looked at."""
    stamps = [("", int(time.monotonic() / _MOMENT_SECONDS))]
    for folder in _folders(root):
        try:
            stamps.append((str(folder), folder.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(stamps)


def _folders(root: Path) -> Iterator[Path]:
    """The folder, those of its splits and classes, and the ``images`` folders that some sets have in each class."""
    yield root
    for name in class_names(root) if root.is_dir() else ():
        yield root / name
        if name.lower() in SPLITS:
            for inner in class_names(root / name):
                yield from (root / name / inner, root / name / inner / "images")
