"""``AnnotatedListing``: picture files with boxes, listed but not yet read, and what every reader of them needs."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.boxes.arrays import Annotations, annotations_of
from engine.data.boxes.split import hold_out
from engine.data.readers.listing import SPLITS, picture_names
from engine.errors import ConfigError

_DEEPEST = 4
# PASCAL VOC's painted classes have the names of the pictures they belong to.
_NO_PICTURES = frozenset({"segmentationclass", "segmentationobject", "masks"})


@dataclass(frozen=True)
class Box:
    """x1, y1, x2, y2 in pixels as written, the class by its name, and where in its file it stands."""

    corners: tuple[float, float, float, float]
    name: str
    difficult: bool
    place: int


@dataclass(frozen=True)
class Annotated:
    """A picture with its boxes.

    Attributes:
        picture, source: the picture and its annotation file, as paths inside the set's folder.
        size: height and width as the annotation tells them; zeros where it does not.
        split: ``train``, ``val``, ``test``, or empty where the files do not say.
    """

    picture: str
    source: str
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    split: str = ""


@dataclass(frozen=True, eq=False)
class AnnotatedListing:
    """Where the pictures of both splits are, with their boxes.

    Attributes:
        problems: what cannot be used, by file and line, with the reason.
        counted: what ``Box.place`` counts, ``line`` or ``annotation``.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[Annotated, ...]
    test: tuple[Annotated, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    counted: str


class PictureIndex:
    """Finds the picture that an annotation means among all of a folder, which is searched once."""

    def __init__(self, root: Path) -> None:
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in picture_names(root, "", _DEEPEST):
            if _NO_PICTURES.isdisjoint(part.lower() for part in Path(name).parts):
                self._by_stem[Path(name).stem].append(name)

    def find(self, named: str, source: str, split: str) -> str | None:
        """The picture called ``named``, whose folder and suffix may be wrong: in doubt one of that split, else the
        one nearest to its annotation file."""
        wanted, here = Path(named.replace("\\", "/")), os.path.dirname(source)  # noqa: PTH120 - many times
        found = self._by_stem.get(wanted.stem, []) or self._by_stem.get(wanted.name, [])
        return min(found, default=None, key=lambda name: (
            Path(name).name != wanted.name, split_named_in(os.path.dirname(name)) != split,  # noqa: PTH120
            -_shared(name, named), -_shared(name, here), name))

    def unused(self, used: Iterable[str], sources: Iterable[str]) -> int:
        """How many pictures are not among the ``used`` ones and have no annotation file of their own name."""
        taken, annotated = set(used), {Path(source).stem for source in sources}
        return sum(name not in taken for stem, names in self._by_stem.items() if stem not in annotated
                   for name in names)


def listing_of(root: Path, found: Sequence[Annotated], problems: Sequence[str], notes: Sequence[str],
               counted: str) -> AnnotatedListing:
    """The splits and classes of what a reader found.

    Classes are those of the training boxes, in the order of their names. Without a test split ``val`` is the test
    set; without either, a fifth by a fixed seed is, with as many of every class as can be.

    Raises:
        ConfigError: there are no pictures, no boxes, or no training pictures.
    """
    if not any(each.boxes for each in found):
        expected = f"a folder of pictures with boxes: {len(found):,} pictures have none" if found else \
            "a folder whose pictures can be used" if problems else "a folder of pictures with boxes"
        raise _not(root, expected, problems)
    once, again = _once(found)
    parts: dict[str, list[Annotated]] = defaultdict(list)
    for each in once:
        parts[each.split or "train"].append(each)
    train, test, told = _divided(root, parts, problems)
    classes = tuple(sorted({box.name for each in train for box in each.boxes}))
    known, unknown = _known(test, classes, counted)
    told += [f"classes whose names differ only in case: {' and '.join(same)}" for same in _alike(classes)]
    return AnnotatedListing(root, classes, tuple(train), tuple(known), (*problems, *again, *unknown), (*notes, *told),
                            counted)


def arrays_of(pictures: Sequence[Annotated], classes: Sequence[str]) -> Annotations:
    """The boxes of these pictures as they are written."""
    labels: Mapping[str, int] = {name: label for label, name in enumerate(classes)}
    return annotations_of((np.array([box.corners for box in each.boxes], np.float32),
                           np.array([labels[box.name] for box in each.boxes], np.int64),
                           np.array([box.difficult for box in each.boxes], np.bool_)) for each in pictures)


def named_files(root: Path, suffixes: Sequence[str]) -> list[str]:
    """The files that end so, as paths inside the folder, in order; hidden ones are left aside."""
    return picture_names(root, "", _DEEPEST, suffixes)


def split_named_in(path: str) -> str:
    """``train``, ``val`` or ``test`` where a folder or the file itself is called so; else empty."""
    words = [word.rstrip("0123456789") for word in re.split(r"[/_.\s-]", path.lower())]
    return next((SPLITS[word] for word in reversed(words) if word in SPLITS), "")


def _once(found: Sequence[Annotated]) -> tuple[list[Annotated], list[str]]:
    """The pictures in the order of their names, and which of them are annotated a second time."""
    by_picture: dict[str, Annotated] = {}
    again = []
    for each in sorted(found, key=lambda each: (each.picture, each.source)):
        first = by_picture.setdefault(each.picture, each)
        if first is not each:
            again.append(f"{each.source}: {each.picture} is annotated by {first.source}, too")
    return list(by_picture.values()), again


def _divided(root: Path, parts: Mapping[str, list[Annotated]],
             problems: Sequence[str]) -> tuple[list[Annotated], list[Annotated], list[str]]:
    """Training pictures, test pictures, and what is to be told of them."""
    train, test, val = (parts.get(name, []) for name in ("train", "test", "val"))
    if not any(each.boxes for each in train):
        raise _not(root, "a folder whose training pictures have boxes", problems)
    if test:
        return train, test, ["the validation part in the files is not used: val_fraction of training is held "
                             f"back instead ({len(val):,} pictures)"] if val else []
    if val:
        return train, val, ["the validation part in the files is the test set"]
    classes = sorted({box.name for each in train for box in each.boxes})
    learnt, held = hold_out(arrays_of(train, classes))
    return [train[place] for place in learnt], [train[place] for place in held], [
        "the files name no test part: a fifth of the pictures, balanced by class, is held out as the test set"]


def _known(test: Sequence[Annotated], classes: Sequence[str], counted: str) -> tuple[list[Annotated], list[str]]:
    """The test pictures whose classes can be learnt, and what is wrong with the others."""
    names, known, unknown = set(classes), [], []
    for each in test:
        strange = [box for box in each.boxes if box.name not in names]
        if strange:
            unknown.append(f"{each.source}, {counted} {strange[0].place}: no training picture shows the class "
                           f"{strange[0].name!r}")
        else:
            known.append(each)
    return known, unknown


def _alike(classes: Sequence[str]) -> list[tuple[str, ...]]:
    counts = Counter(name.lower() for name in classes)
    return [tuple(name for name in classes if name.lower() == lower) for lower, count in counts.items() if count > 1]


def _shared(name: str, other: str) -> int:
    """How many folders two paths share, counted from the first."""
    pairs = zip(Path(name).parts, Path(other).parts, strict=False)
    return next((depth for depth, (one, two) in enumerate(pairs) if one != two), 99)


def _not(folder: Path, expected: str, problems: Sequence[str]) -> ConfigError:
    first = f"; the first of {len(problems):,} problems: {problems[0]}" if problems else ""
    return ConfigError("data_path", str(folder), f"{expected}{first}")
