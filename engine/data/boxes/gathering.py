"""Reading listed pictures with boxes once: to know their sizes, and that every one of them can be read."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.boxes.dataset import AnnotatedSplit, Written
from engine.data.boxes.files import AnnotatedFiles, decoded_whole, size_seen
from engine.data.dataset import levels_of
from engine.data.readers.box_listing import Annotated, AnnotatedListing, arrays_of
from engine.data.readers.picture_files import reason
from engine.data.readers.picture_opening import check_resources
from engine.errors import UserError
from engine.files import read_regular

LOOKED_AT = 256
"""Longer side in pixels at which pictures are read to take their mean and standard deviation."""

_CHUNK = 64
_THREADS = 4


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was read of a set.

    Attributes:
        levels: of the training pictures, as :func:`engine.data.dataset.levels_of` counts them.
        root: the folder that the pictures stay in; None: they were generated, and are in arrays.
    """

    classes: tuple[str, ...]
    train: AnnotatedSplit
    test: AnnotatedSplit
    levels: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    root: Path | None = None


@dataclass(frozen=True, eq=False)
class _Read:
    """A picture as it was found: its size and digest, or what is wrong with it."""

    annotated: Annotated
    size: tuple[int, int] = (0, 0)
    content: bytes = b""
    levels: NDArray[np.int64] | None = None
    problem: str = ""


def gathered(listing: AnnotatedListing) -> Gathered:
    """Read every listed picture once, JPEG files at a reduced scale; those that cannot be read are left out and named.

    Raises:
        UserError: a class has no readable training picture, or there is no readable test picture.
    """
    train, test = (list(_all_read(listing.root, pictures)) for pictures in (listing.train, listing.test))
    problems = (*listing.problems, *(each.problem for each in (*train, *test) if each.problem))
    good_train, good_test = ([each for each in read if not each.problem] for read in (train, test))
    shown = {box.name for each in good_train for box in each.annotated.boxes}
    absent = [name for name in listing.classes if name not in shown]
    if absent or not good_test:
        what = f"training picture of {absent[0]}" if absent else "test picture"
        raise UserError(f"{listing.root}: no {what} can be used"
                        + (f"; the first of {len(problems):,} problems: {problems[0]}" if problems else ""))
    levels = np.sum([each.levels for each in good_train if each.levels is not None], axis=0)
    return Gathered(listing.classes, _split(listing, good_train), _split(listing, good_test), levels, listing.notes,
                    problems, listing.root)


def _split(listing: AnnotatedListing, read: Sequence[_Read]) -> AnnotatedSplit:
    pictures = [each.annotated for each in read]
    names = tuple(each.picture for each in pictures)
    sizes = np.array([each.size for each in read], np.int64).reshape(-1, 2)
    written = Written(
        arrays_of(pictures, listing.classes), tuple(each.source for each in pictures),
        np.array([box.place for each in pictures for box in each.boxes], np.int64),
        np.array([each.size for each in pictures], np.int64).reshape(-1, 2),
        np.frombuffer(b"".join(each.content for each in read), np.uint8).reshape(-1, 16), listing.counted)
    return AnnotatedSplit(names, sizes, written, AnnotatedFiles(listing.root, names, sizes))


def _all_read(root: Path, pictures: Sequence[Annotated]) -> Iterator[_Read]:
    read = partial(_one, root)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="gather") as pool:
        for start in range(0, len(pictures), _CHUNK):
            yield from pool.map(read, pictures[start:start + _CHUNK])


def _one(root: Path, annotated: Annotated) -> _Read:
    try:
        content = read_regular(root / annotated.picture)
        size = size_seen(content, annotated.size)
        picture = decoded_whole(content, size, LOOKED_AT)
        return _Read(annotated, size, hashlib.sha256(content).digest()[:16], levels_of(picture[None]))
    except Exception as error:  # a broken file makes Pillow raise almost anything
        check_resources(error, root / annotated.picture)
        return _Read(annotated, problem=f"{annotated.picture}: cannot be read ({reason(error)})")
