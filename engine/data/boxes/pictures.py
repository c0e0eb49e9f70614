"""Reads all pictures of a listing once, to learn their sizes and to find unreadable ones."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.confined.marks import decoding
from engine.data.boxes.dataset import AnnotatedSplit, RawAnnotations
from engine.data.boxes.files import AnnotatedFiles, decode_picture, displayed_size, stored_size
from engine.data.boxes.orientation import Turning, in_pixels, says_displayed, turning
from engine.data.dataset import count_levels
from engine.data.ledger import NOTHING, Ledger
from engine.data.readers.box_listing import AnnotatedListing, AnnotatedPicture, to_annotations
from engine.data.readers.depth import UnscaledError, Values
from engine.data.readers.looks import Look, Looks
from engine.data.readers.picture_files import error_text
from engine.data.readers.picture_opening import check_resources, opened
from engine.data.readers.pictures import measured, nearly_black
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
        ledger: the account of the folder's files.
        boxes: how many boxes its annotation files have.
    """

    classes: tuple[str, ...]
    train: AnnotatedSplit
    test: AnnotatedSplit
    levels: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    root: Path | None = None
    ledger: Ledger = NOTHING
    boxes: int = 0


@dataclass(frozen=True, eq=False)
class _Read:
    """A picture's stored size and digest, its EXIF orientation and whether its boxes lie on it as displayed, None if
    nothing says so; or what is wrong with it."""

    annotated: AnnotatedPicture
    stored: tuple[int, int] = (0, 0)
    content: bytes = b""
    levels: NDArray[np.int64] | None = None
    look: Look | None = None
    orientation: int = 0
    displayed: bool | None = None
    problem: str = ""


def gather(listing: AnnotatedListing) -> Gathered:
    """Read every listed picture once, JPEG files at a reduced scale; unreadable ones are skipped and listed.

    Raises:
        UserError: a class has no readable training picture, or there is no readable test picture.
    """
    try:
        return _gather(listing)
    except UnscaledError:
        return _gather(replace(listing, ledger=measured(listing.ledger, listing.root,
                                                        [each.picture for each in listing.train])))


def _gather(listing: AnnotatedListing) -> Gathered:
    read_one = partial(_one, listing.root, listing.ledger.values)
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
    turned = turning([(each.orientation, each.displayed) for each in (*good_train, *good_test)], listing.orientation)
    looks = Looks()
    for each in (*good_train, *good_test):
        if each.look:
            looks.add(each.look)
    ledger = turned.noted_in(replace(
        listing.ledger, looks=looks.rows("they are", 3, listing.ledger.values) | dict(listing.ledger.looks)))
    ledger = replace(ledger, decisions=(*ledger.decisions, *nearly_black(levels)))
    for split, read in (("train", train), ("test", test)):
        ledger = ledger.leave_out(split, {each.annotated.picture: "a picture that cannot be read" for each in read
                                          if each.problem})
    return Gathered(listing.classes, _split(listing, good_train, turned), _split(listing, good_test, turned), levels,
                    listing.notes,
                    problems, listing.root, ledger, listing.boxes)


def _split(listing: AnnotatedListing, read: Sequence[_Read], turned: Turning) -> AnnotatedSplit:
    applied = [each.orientation if turned.applies(each.displayed) else 0 for each in read]
    sizes = [displayed_size(each.stored, orientation) for each, orientation in zip(read, applied, strict=True)]
    pictures = [in_pixels(each.annotated, size) for each, size in zip(read, sizes, strict=True)]
    names, array = tuple(each.picture for each in pictures), np.array(sizes, np.int64).reshape(-1, 2)
    written = RawAnnotations(
        to_annotations(pictures, listing.classes), tuple(each.source for each in pictures),
        np.array([box.place for each in pictures for box in each.boxes], np.int64),
        np.array([each.size for each in pictures], np.int64).reshape(-1, 2),
        np.frombuffer(b"".join(each.content for each in read), np.uint8).reshape(-1, 16), listing.counted)
    source = AnnotatedFiles(listing.root, names, array, np.array(applied, np.uint8), written.contents,
                            listing.ledger.values)
    return AnnotatedSplit(names, array, written, source)


def _one(root: Path, values: Values | None, annotated: AnnotatedPicture) -> _Read:
    try:
        content = read_regular(root / annotated.picture)
        with decoding(root / annotated.picture):
            stored, orientation = stored_size(content)
            evidence = says_displayed(annotated, stored, orientation)
            size = displayed_size(stored, orientation) if evidence else stored
            picture = decode_picture(content, size, STATISTICS_SIDE, values, upright=bool(evidence))
            with opened(content) as looked_at:
                look = Look.of(looked_at)
        return _Read(annotated, stored, hashlib.sha256(content).digest()[:16], count_levels(picture[None]), look,
                     orientation, evidence)
    except UnscaledError:
        raise
    except Exception as error:  # Pillow raises almost anything for a damaged file
        check_resources(error, root / annotated.picture)
        return _Read(annotated, problem=f"{annotated.picture}: cannot be read ({error_text(error)})")
