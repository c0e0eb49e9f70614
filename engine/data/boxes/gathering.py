"""Reads all pictures of a listing once, to learn their sizes and to find unreadable ones."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.confined.marks import decoding
from engine.data.boxes.dataset import AnnotatedSplit, RawAnnotations
from engine.data.boxes.files import AnnotatedFiles, annotated_size, decode_picture
from engine.data.dataset import count_levels
from engine.data.readers.box_listing import AnnotatedListing, AnnotatedPicture, to_annotations
from engine.data.readers.picture_files import error_text
from engine.data.readers.picture_opening import check_resources
from engine.data.streaming import read_ahead
from engine.errors import UserError
from engine.files import read_regular

STATISTICS_SIDE = 256
"""Longer side in pixels at which pictures are read for mean and standard deviation."""



@dataclass(frozen=True, eq=False)
class Gathered:
    """A listing whose pictures have been read.

    Attributes:
        levels: histogram of the training pictures, from :func:`engine.data.dataset.count_levels`.
        root: folder of the pictures; None: they were generated, as arrays.
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
    """A picture's size and digest, or what is wrong with it."""

    annotated: AnnotatedPicture
    size: tuple[int, int] = (0, 0)
    content: bytes = b""
    levels: NDArray[np.int64] | None = None
    problem: str = ""


def gather(listing: AnnotatedListing) -> Gathered:
    """Read every listed picture once, JPEG files at a reduced scale; unreadable ones are skipped and listed.

    Raises:
        UserError: a class has no readable training picture, or there is no readable test picture.
    """
    read_one = partial(_one, listing.root)
    train, test = (list(read_ahead(read_one, pictures)) for pictures in (listing.train, listing.test))
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
    written = RawAnnotations(
        to_annotations(pictures, listing.classes), tuple(each.source for each in pictures),
        np.array([box.place for each in pictures for box in each.boxes], np.int64),
        np.array([each.size for each in pictures], np.int64).reshape(-1, 2),
        np.frombuffer(b"".join(each.content for each in read), np.uint8).reshape(-1, 16), listing.counted)
    return AnnotatedSplit(names, sizes, written, AnnotatedFiles(listing.root, names, sizes, written.contents))


def _one(root: Path, annotated: AnnotatedPicture) -> _Read:
    try:
        content = read_regular(root / annotated.picture)
        with decoding(root / annotated.picture):
            size = annotated_size(content, annotated.size)
            picture = decode_picture(content, size, STATISTICS_SIDE)
        return _Read(annotated, size, hashlib.sha256(content).digest()[:16], count_levels(picture[None]))
    except Exception as error:  # Pillow raises almost anything for a damaged file
        check_resources(error, root / annotated.picture)
        return _Read(annotated, problem=f"{annotated.picture}: cannot be read ({error_text(error)})")
