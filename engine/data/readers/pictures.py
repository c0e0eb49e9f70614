"""Reads listed picture files once: into one array if it fits into memory, else to prepare streaming."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_files import open_array
from engine.confined.marks import decoding
from engine.data.dataset import Arrays, Images, Pictures, Targets, count_levels
from engine.data.ledger import Decision, Ledger
from engine.data.readers.depth import DARK, UnscaledError, Values, common_values, extremes
from engine.data.readers.listing import Listing
from engine.data.readers.looks import Look, Looks
from engine.data.readers.picture_files import CHECKSUM, PictureFiles, error_text, squared
from engine.data.readers.picture_opening import check_resources, opened
from engine.data.reading import overruled
from engine.data.streaming import read_ahead
from engine.disk_space import claim
from engine.errors import UserError
from engine.files import read_regular
from engine.labels.targets import class_counts

MEMORY_BUDGET = 2 << 30
"""Bytes of decoded pictures up to which a set is stored as arrays; a larger one is streamed from its files."""



@dataclass(frozen=True, eq=False)
class Gathered:
    """A data set that has been read once.

    Attributes:
        levels: histogram of the training pictures, from :func:`engine.data.dataset.count_levels`.
        digest: 16 hex digits of the SHA-256 of names, targets and contents of all readable files.
        streamed: whether the pictures stay in their files.
        files: names of both splits, in order, if each picture has a file of its own; else None.
        kept: what is known of each picture of both splits, by ``SPLIT_contents``, its checksum as in
        :class:`PictureFiles`, and ``SPLIT_sizes``, its height and width when upright, int64 [N, 2].
        samples: ``names`` and ``sizes`` (width and height in the files) of the test pictures; empty: unknown.
    """

    arrays: Arrays
    levels: NDArray[np.int64]
    digest: str
    files: dict[str, list[str]] | None
    streamed: bool = False
    kept: dict[str, NDArray[Any]] = field(default_factory=dict)
    samples: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Split:
    images: Images
    targets: Targets
    levels: NDArray[np.int64]
    names: list[str]
    skipped: dict[str, str]
    contents: NDArray[np.uint8]
    looks: list[Look]


def is_streamed(listing: Listing) -> bool:
    """Whether the listed pictures are too large to be stored as arrays."""
    return (len(listing.train) + len(listing.test)) * listing.side**2 * listing.channels > MEMORY_BUDGET


def gather(listing: Listing, folder: Path) -> Gathered:
    """Read every listed picture once; unreadable ones are skipped and listed.

    Args:
        folder: where ``train_images.npy`` and ``test_images.npy`` are written, unless the set is streamed.

    Raises:
        UserError: a class has no readable training picture, or there is no readable test picture.
        OSError: the disk is full.
    """
    try:
        return _gather(listing, folder)
    except UnscaledError:
        return _gather(replace(listing, ledger=measured(listing.ledger, listing.root, listing.train)), folder)


def measured(ledger: Ledger, root: Path, names: Sequence[str]) -> Ledger:
    """Return the ledger with the range of values of these training pictures, of which some have more than 8 bits."""
    low, high = common_values(read_ahead(partial(_extremes, root), names))
    scaled = Decision(f"the values {low:g} to {high:g} are black to white in pictures of more than 8 bits",
                      "they are the lowest and the highest in training", overruled("range=BLACK:WHITE"))
    return replace(ledger, values=(low, high), decisions=(*ledger.decisions, scaled))


def nearly_black(levels: NDArray[np.int64]) -> list[Decision]:
    """Return what to know of pictures whose bytes are all small, as those of masks; ``levels`` is their histogram."""
    highest = int(np.flatnonzero(levels.sum(axis=0)).max(initial=0))
    return [Decision(f"the pictures are nearly black: none of their values is above {highest}, and 255 is white; if "
                     "they hold numbers of classes or few bits, save them with 0 to 255")] if 0 < highest < DARK else []


def _gather(listing: Listing, folder: Path) -> Gathered:
    streamed = is_streamed(listing)
    digest, looks = hashlib.sha256(), Looks()
    train, test = (
        _read(listing, looks, names, targets, None if streamed else folder / f"{split}_images.npy", digest)
        for split, names, targets in (("train", listing.train, listing.train_targets),
                                      ("test", listing.test, listing.test_targets)))
    counts = class_counts(train.targets, len(listing.classes))
    absent = [name for name, count in zip(listing.classes, counts, strict=True) if not count]
    if absent or not len(test.targets):
        what = f"training picture of {absent[0]}" if absent else "test picture"
        first = (*train.skipped, *test.skipped, *listing.problems)[0]
        raise UserError(f"{listing.root}: no {what} can be read; the first: {first}")
    skipped = (*listing.problems, *(f"{name}: {reason}" for name, reason in (train.skipped | test.skipped).items()))
    ledger = listing.ledger.leave_out("train", train.skipped).leave_out("test", test.skipped)
    ledger = replace(ledger, looks=looks.rows(f"{listing.side}×{listing.side}", listing.channels, ledger.values)
                     | dict(ledger.looks))
    ledger = replace(ledger, decisions=(*ledger.decisions, *nearly_black(train.levels)))
    arrays = Arrays(train.images, train.targets, test.images, test.targets, listing.classes, (), skipped, ledger)
    kept = {f"{split}_contents": part.contents for split, part in (("train", train), ("test", test))} | \
        {f"{split}_sizes": np.array([look.shown for look in part.looks], np.int64).reshape(-1, 2)
         for split, part in (("train", train), ("test", test))}
    return Gathered(arrays, train.levels, digest.hexdigest()[:16], {"train": train.names, "test": test.names},
                    streamed, kept, {"names": test.names, "sizes": [look.size for look in test.looks]})


def _read(listing: Listing, looks: Looks, names: Sequence[str], targets: Targets, file: Path | None,
          digest: hashlib._Hash) -> _Split:
    shape = (len(names), listing.side, listing.side, listing.channels)
    array = np.lib.format.open_memmap(file, "w+", np.uint8, shape) if file else None
    if file:
        claim(file)
    levels, good = np.zeros((listing.channels, 256), np.int64), np.zeros(len(names), bool)
    skipped: dict[str, str] = {}
    seen: list[Look] = []
    contents = np.zeros((len(names), CHECKSUM), np.uint8)
    for place, (picture, checksum, look) in enumerate(read_ahead(partial(_one, listing), names)):
        if isinstance(picture, str):
            skipped[names[place]] = picture
            continue
        if look:
            looks.add(look)
            seen.append(look)
        good[place] = True
        contents[place] = np.frombuffer(checksum[:CHECKSUM], np.uint8)
        digest.update(f"{names[place]}\0{targets[place].tolist()}\0".encode(errors="surrogateescape") + checksum)
        levels += count_levels(picture[None])
        if array is not None:
            array[place] = picture
    kept = [name for name, readable in zip(names, good, strict=True) if readable]
    images: Images = PictureFiles(listing.root, kept, listing.side, listing.channels, contents[good],
                                  listing.ledger.values)
    if file and array is not None:
        array.flush()
        if skipped:
            np.save(file, array[good])
        images = open_array(file)
    return _Split(images, targets[good], levels, kept, skipped, contents[good], seen)


def _one(listing: Listing, name: str) -> tuple[Pictures | str, bytes, Look | None]:
    """Return a picture, or why it is unreadable, its file's checksum, and what it looks like."""
    try:
        content = read_regular(listing.root / name)
        with decoding(listing.root / name), opened(content) as picture:
            look = Look.of(picture)
            square = squared(picture, listing.side, listing.channels, listing.ledger.values)
            look = look.oriented(picture)
        return square, hashlib.sha256(content).digest(), look
    except UnscaledError:
        raise
    except Exception as error:  # a broken file makes Pillow raise almost anything
        check_resources(error, listing.root / name)
        return f"cannot be read ({error_text(error)})", b"", None


def _extremes(root: Path, name: str) -> Values | None:
    """Return the lowest and highest value of a picture of more than 8 bits; None: it is not, or is unreadable."""
    try:
        content = read_regular(root / name)
        with decoding(root / name), opened(content) as picture:
            return extremes(picture)
    except Exception as error:  # reported when all are read
        check_resources(error, root / name)
        return None
