"""``AnnotatedListing``: a list of picture files with boxes, and helpers for its readers."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.boxes.arrays import Annotations, concat_annotations
from engine.data.boxes.split import hold_out
from engine.data.readers.listing import picture_names
from engine.data.readers.split_words import SPLITS
from engine.errors import ConfigError

_DEEPEST = 4
# PASCAL VOC's segmentation masks have the same names as their pictures.
_NO_PICTURES = frozenset({"segmentationclass", "segmentationobject", "masks"})


@dataclass(frozen=True)
class Box:
    """A box: x1, y1, x2, y2 in pixels as in the file, class name, and position in the file."""

    corners: tuple[float, float, float, float]
    name: str
    difficult: bool
    place: int


@dataclass(frozen=True)
class AnnotatedPicture:
    """A picture with its boxes.

    Attributes:
        picture, source: the picture and its annotation file, relative to the set's folder.
        size: height and width stated in the annotation; zeros if missing.
        split: ``train``, ``val``, ``test``, or empty if unknown.
    """

    picture: str
    source: str
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    split: str = ""


@dataclass(frozen=True, eq=False)
class AnnotatedListing:
    """The pictures of both splits with their boxes.

    Attributes:
        problems: what cannot be used, by file and line, with the reason.
        counted: unit of ``Box.place``, ``line`` or ``annotation``.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[AnnotatedPicture, ...]
    test: tuple[AnnotatedPicture, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    counted: str


class AnnotationError(Exception):
    """An annotation that cannot be used: where in the file, and why."""


class PictureIndex:
    """Finds the picture of an annotation among all pictures of a folder, which is scanned once."""

    def __init__(self, root: Path) -> None:
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in picture_names(root, "", _DEEPEST):
            if _NO_PICTURES.isdisjoint(part.lower() for part in Path(name).parts):
                self._by_stem[Path(name).stem].append(name)

    def find(self, named: str, source: str, split: str) -> str | None:
        """Find the picture called ``named``, whose folder and suffix may be wrong. Among several it prefers one of the
        split, then the one nearest to the annotation file."""
        wanted, here = Path(named.replace("\\", "/")), os.path.dirname(source)  # noqa: PTH120 - many times
        found = self._by_stem.get(wanted.stem, []) or self._by_stem.get(wanted.name, [])
        return min(found, default=None, key=lambda name: (
            Path(name).name != wanted.name, split_from_path(os.path.dirname(name)) != split,  # noqa: PTH120
            -_shared(name, named), -_shared(name, here), name))

    def unused(self, used: Iterable[str], sources: Iterable[str]) -> int:
        """Return the number of pictures that are neither ``used`` nor have an annotation file of their own name."""
        taken, annotated = set(used), {Path(source).stem for source in sources}
        return sum(name not in taken for stem, names in self._by_stem.items() if stem not in annotated
                   for name in names)


def build_listing(root: Path, found: Sequence[AnnotatedPicture], problems: Sequence[str], notes: Sequence[str],
                  counted: str) -> AnnotatedListing:
    """Split the pictures that a reader found, and collect their classes.

    Classes are those of the training boxes, sorted by name. Without a test split ``val`` is the test set; without
    either, a fixed fifth, balanced by class.

    Raises:
        ConfigError: there are no pictures, no boxes, or no training pictures.
    """
    if not any(each.boxes for each in found):
        expected = f"a folder of pictures with boxes: {len(found):,} pictures have none" if found else \
            "a folder whose pictures can be used" if problems else "a folder of pictures with boxes"
        raise _folder_error(root, expected, problems)
    once, again = _drop_repeated(found)
    parts: dict[str, list[AnnotatedPicture]] = defaultdict(list)
    for each in once:
        parts[each.split or "train"].append(each)
    train, test, added = _divide(root, parts, problems)
    classes = tuple(sorted({box.name for each in train for box in each.boxes}))
    known, unknown = _known_classes_only(test, classes, counted)
    added += [f"classes whose names differ only in case: {' and '.join(same)}" for same in _differing_in_case(classes)]
    return AnnotatedListing(root, classes, tuple(train), tuple(known), (*problems, *again, *unknown), (*notes, *added),
                            counted)


def to_annotations(pictures: Sequence[AnnotatedPicture], classes: Sequence[str]) -> Annotations:
    """Return the boxes of these pictures as arrays."""
    labels: Mapping[str, int] = {name: label for label, name in enumerate(classes)}
    return concat_annotations((np.array([box.corners for box in each.boxes], np.float32),
                               np.array([labels[box.name] for box in each.boxes], np.int64),
                               np.array([box.difficult for box in each.boxes], np.bool_)) for each in pictures)


def find_files(root: Path, suffixes: Sequence[str]) -> list[str]:
    """Return the files with these suffixes, as sorted paths relative to the folder; hidden ones are skipped."""
    return picture_names(root, "", _DEEPEST, suffixes)


def split_from_path(path: str) -> str:
    """Return ``train``, ``val`` or ``test`` if the file or a folder has such a name; else empty."""
    words = [word.rstrip("0123456789") for word in re.split(r"[/_.\s-]", path.lower())]
    return next((SPLITS[word] for word in reversed(words) if word in SPLITS), "")


def _drop_repeated(found: Sequence[AnnotatedPicture]) -> tuple[list[AnnotatedPicture], list[str]]:
    """Return the pictures sorted by name, and a problem for each that is annotated twice."""
    by_picture: dict[str, AnnotatedPicture] = {}
    again = []
    for each in sorted(found, key=lambda each: (each.picture, each.source)):
        first = by_picture.setdefault(each.picture, each)
        if first is not each:
            again.append(f"{each.source}: {each.picture} is already annotated in {first.source}")
    return list(by_picture.values()), again


def _divide(root: Path, parts: Mapping[str, list[AnnotatedPicture]],
            problems: Sequence[str]) -> tuple[list[AnnotatedPicture], list[AnnotatedPicture], list[str]]:
    """Return training pictures, test pictures, and notes."""
    train, test, val = (parts.get(name, []) for name in ("train", "test", "val"))
    if not any(each.boxes for each in train):
        raise _folder_error(root, "a folder whose training pictures have boxes", problems)
    if test:
        return train, test, ["the validation part in the files is not used: val_fraction of training is held "
                             f"back instead ({len(val):,} pictures)"] if val else []
    if val:
        return train, val, ["the validation part in the files is the test set"]
    classes = sorted({box.name for each in train for box in each.boxes})
    learnt, held = hold_out(to_annotations(train, classes))
    return [train[place] for place in learnt], [train[place] for place in held], [
        "the files name no test part: a fifth of the pictures, balanced by class, is held out as the test set"]


def _known_classes_only(test: Sequence[AnnotatedPicture], classes: Sequence[str],
                        counted: str) -> tuple[list[AnnotatedPicture], list[str]]:
    """Return the test pictures whose classes occur in training, and a problem for each other one."""
    names, known, unknown = set(classes), [], []
    for each in test:
        strange = [box for box in each.boxes if box.name not in names]
        if strange:
            unknown.append(f"{each.source}, {counted} {strange[0].place}: no training picture shows the class "
                           f"{strange[0].name!r}")
        else:
            known.append(each)
    return known, unknown


def _differing_in_case(classes: Sequence[str]) -> list[tuple[str, ...]]:
    counts = Counter(name.lower() for name in classes)
    return [tuple(name for name in classes if name.lower() == lower) for lower, count in counts.items() if count > 1]


def _shared(name: str, other: str) -> int:
    """Return the number of leading folders that two paths share."""
    pairs = zip(Path(name).parts, Path(other).parts, strict=False)
    return next((depth for depth, (one, two) in enumerate(pairs) if one != two), 99)


def _folder_error(folder: Path, expected: str, problems: Sequence[str]) -> ConfigError:
    first = f"; the first of {len(problems):,} problems: {problems[0]}" if problems else ""
    return ConfigError("data_path", str(folder), f"{expected}{first}")
