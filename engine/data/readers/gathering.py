"""Reads listed picture files once: into one array if it fits into memory, else to prepare streaming."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.confined.marks import decoding
from engine.data.dataset import Arrays, Images, Pictures, Targets, count_levels
from engine.data.readers.listing import Listing
from engine.data.readers.picture_files import CHECKSUM, PictureFiles, decode_square, error_text
from engine.data.readers.picture_opening import check_resources
from engine.data.streaming import read_ahead
from engine.disk_space import claim
from engine.errors import UserError
from engine.files import read_regular

MEMORY_BUDGET = 2 << 30
"""Bytes of decoded pictures up to which a set is stored as arrays; a larger one is streamed from its files."""



@dataclass(frozen=True, eq=False)
class Gathered:
    """A data set that has been read once.

    Attributes:
        levels: histogram of the training pictures, from :func:`engine.data.dataset.count_levels`.
        digest: 16 hex digits of the SHA-256 of names, targets and contents of all readable files.
        files: names of both splits, in order, if the set is streamed; else None.
        contents: checksum of each picture of both splits, as in :class:`PictureFiles`.
    """

    arrays: Arrays
    levels: NDArray[np.int64]
    digest: str
    files: dict[str, list[str]] | None
    contents: dict[str, NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Split:
    images: Images
    targets: Targets
    levels: NDArray[np.int64]
    names: list[str]
    skipped: dict[str, str]
    contents: NDArray[np.uint8]


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
    streamed = is_streamed(listing)
    digest = hashlib.sha256()
    train, test = (
        _read(listing, names, targets, None if streamed else folder / f"{split}_images.npy", digest)
        for split, names, targets in (("train", listing.train, listing.train_targets),
                                      ("test", listing.test, listing.test_targets)))
    absent = [name for label, name in enumerate(listing.classes) if not (train.targets == label).any()]
    if absent or not len(test.targets):
        what = f"training picture of {absent[0]}" if absent else "test picture"
        raise UserError(f"{listing.root}: no {what} can be read; the first: {(*train.skipped, *test.skipped)[0]}")
    skipped = tuple(f"{name}: {reason}" for name, reason in (train.skipped | test.skipped).items())
    ledger = listing.ledger.leave_out("train", train.skipped).leave_out("test", test.skipped)
    arrays = Arrays(train.images, train.targets, test.images, test.targets, listing.classes, (), skipped, ledger)
    files = {"train": train.names, "test": test.names} if streamed else None
    return Gathered(arrays, train.levels, digest.hexdigest()[:16], files,
                    {"train": train.contents, "test": test.contents})


def _read(listing: Listing, names: Sequence[str], targets: Targets, file: Path | None, digest: hashlib._Hash) -> _Split:
    shape = (len(names), listing.side, listing.side, listing.channels)
    array = np.lib.format.open_memmap(file, "w+", np.uint8, shape) if file else None
    if file:
        claim(file)
    levels, good = np.zeros((listing.channels, 256), np.int64), np.zeros(len(names), bool)
    skipped: dict[str, str] = {}
    contents = np.zeros((len(names), CHECKSUM), np.uint8)
    for place, (picture, checksum) in enumerate(read_ahead(partial(_one, listing), names)):
        if isinstance(picture, str):
            skipped[names[place]] = picture
            continue
        good[place] = True
        contents[place] = np.frombuffer(checksum[:CHECKSUM], np.uint8)
        digest.update(f"{names[place]}\0{targets[place]}\0".encode(errors="surrogateescape") + checksum)
        levels += count_levels(picture[None])
        if array is not None:
            array[place] = picture
    kept = [name for name, readable in zip(names, good, strict=True) if readable]
    images: Images = PictureFiles(listing.root, kept, listing.side, listing.channels, contents[good])
    if file and array is not None:
        array.flush()
        if skipped:
            np.save(file, array[good])
        images = np.load(file, mmap_mode="r")
    return _Split(images, targets[good], levels, kept, skipped, contents[good])


def _one(listing: Listing, name: str) -> tuple[Pictures | str, bytes]:
    """Return a picture, or why it is unreadable, and its file's checksum."""
    try:
        content = read_regular(listing.root / name)
        with decoding(listing.root / name):
            picture = decode_square(content, listing.side, listing.channels)
        return picture, hashlib.sha256(content).digest()
    except Exception as error:  # a broken file makes Pillow raise almost anything
        check_resources(error, listing.root / name)
        return f"cannot be read ({error_text(error)})", b""
