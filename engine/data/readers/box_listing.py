"""``AnnotatedListing``: a list of picture files with boxes, and helpers for its readers."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.boxes.arrays import Annotations, concat_annotations
from engine.data.boxes.split import hold_out
from engine.data.ledger import Account, Decision, Ledger, Part
from engine.data.readers.depth import parse_values
from engine.data.readers.listing import MASKS, Scan, scan
from engine.data.readers.other_files import advice
from engine.data.readers.part_lists import find_lists
from engine.data.readers.tiles import tiles_note
from engine.data.reading import Reading
from engine.errors import ConfigError

_LISTED = ("train", "val", "test")
BOX_READINGS = ("boxes", "orientation", "links", "range")
"""What a reader of boxes heeds of :data:`engine.data.reading.READINGS`."""


@dataclass(frozen=True)
class Box:
    """A box: x1, y1, x2, y2 in pixels (until its convention is known, four numbers as in the file), class name, and
    position in the file."""

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
        shares: the corners of its boxes are shares of its width and height, not pixels.
    """

    picture: str
    source: str
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    split: str = ""
    shares: bool = False


@dataclass(frozen=True, eq=False)
class AnnotatedListing:
    """The pictures of both splits with their boxes.

    Attributes:
        problems: what cannot be used, by file and line, with the reason.
        counted: unit of ``Box.place``, ``line`` or ``annotation``.
        ledger: the account of the folder's files.
        boxes: how many boxes all annotation files have.
        orientation: ``stored`` or ``displayed`` if the user says which pictures the boxes lie on; else empty.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[AnnotatedPicture, ...]
    test: tuple[AnnotatedPicture, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    counted: str
    ledger: Ledger
    boxes: int
    orientation: str


class AnnotationError(Exception):
    """An annotation that cannot be used: where in the file, and why."""


@dataclass(eq=False)
class Findings:
    """What a reader has found in a folder so far.

    Attributes:
        reading: how the user says that the folder is to be read.
        found: the pictures with usable annotations.
        problems: what cannot be used, by file and line, with the reason.
        notes: remarks on how the files were interpreted.
        annotations: the files with annotations or lists that are used.
        reasons: why files are left out, where more is known than that nothing names them.
        boxes: how many boxes all annotation files have.
        what: what the pictures must have, in messages.
    """

    root: Path
    reading: Reading
    found: list[AnnotatedPicture] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    annotations: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    boxes: int = 0
    what: str = "boxes"

    @cached_property
    def files(self) -> Scan:
        return scan(self.root, follow=self.reading.get("links") != "skip")

    @cached_property
    def pictures(self) -> list[str]:
        """The pictures that can have boxes, as sorted paths relative to the folder."""
        return [name for name in self.files.pictures
                if MASKS.isdisjoint(part.lower() for part in Path(name).parts)]

    def others(self, suffix: str) -> list[str]:
        """Return the files with this suffix, as sorted paths relative to the folder; hidden ones are skipped."""
        return [name for name, why in self.files.others.items()
                if name.lower().endswith(suffix) and not why.startswith("hidden")]


def build_listing(findings: Findings, counted: str) -> AnnotatedListing:
    """Split the pictures that a reader found, and collect their classes.

    Classes are those of the training boxes, sorted by name. Without a test split ``val`` is the test set; without
    either, a fixed fifth, balanced by class.

    Raises:
        ConfigError: there are no pictures, no boxes, or no training pictures.
    """
    root, found, problems = findings.root, findings.found, findings.problems
    if not any(each.boxes for each in found):
        none = f": {len(found):,} pictures have none" if found else ""
        expected = "a folder whose pictures can be used" if problems and not found else \
            f"a folder of pictures with {findings.what}{none}{_instead(findings)}"
        raise _folder_error(root, expected, problems)
    listed_parts = _by_lists(findings)
    once, again = _drop_repeated(findings.found)
    parts: dict[str, list[AnnotatedPicture]] = defaultdict(list)
    for each in once:
        parts[each.split or "train"].append(each)
    train, test, origins, decisions = _divide(root, parts, problems, findings.what)
    classes = tuple(sorted({box.name for each in train for box in each.boxes}))
    known, unknown = _known_classes_only(test, classes, counted)
    notes = [f"classes whose names differ only in case: {' and '.join(same)}" for same in _differing_in_case(classes)]
    used = {"train": [each.picture for each in train], "test": [each.picture for each in known]}
    notes += tiles_note(used["train"], used["test"])
    if test is not parts.get("val"):
        findings.reasons |= {each.picture: "in the validation part, which is not used" for each in parts.get("val", ())}
    ledger = Ledger((_account(findings, used),), origins, (*listed_parts, *decisions), findings.files.looks(),
                    parse_values(findings.reading.get("range", "")))
    return AnnotatedListing(root, classes, tuple(train), tuple(known), (*problems, *again, *unknown),
                            (*findings.notes, *notes), counted, ledger, findings.boxes,
                            findings.reading.get("orientation", ""))


def _by_lists(findings: Findings) -> list[Decision]:
    """Give pictures the parts that lists such as ``train.txt`` say, where neither files nor folders are named for one.

    Returns:
        What was decided; nothing without such lists.
    """
    if any(each.split for each in findings.found):
        return []
    others = [file for file in findings.others(".txt")
              if file not in findings.annotations and file not in findings.reasons]
    lists = {part: each for part, each in find_lists(
        findings.root, [each.picture for each in findings.found], others).items() if part in _LISTED}
    if "train" not in lists:
        return []
    parts = {name: part for part, each in lists.items() for name in each.pictures}
    unlisted = [each for each in findings.found if each.picture not in parts]
    findings.found = [replace(each, split=parts[each.picture]) for each in findings.found if each.picture in parts]
    findings.reasons |= {name: "in no list of a part" for each in unlisted for name in (each.picture, each.source)}
    lost = {each.source for each in unlisted} - {each.source for each in findings.found}
    findings.annotations = [*(file for file in findings.annotations if file not in lost),
                            *(each.file for each in lists.values())]
    return [Decision(f"the pictures in the list {each.file} are the {part} part", "that is its name")
            for part, each in lists.items()]


def _instead(findings: Findings) -> str:
    """Return what the files are, if they are nothing that is read here, for the end of a message."""
    return advice(findings.root, findings.files.others) or next((f"; {note}" for note in findings.notes), "")


def _account(findings: Findings, used: Mapping[str, Sequence[str]]) -> Account:
    """Return what became of every file."""
    accounted = {*used["train"], *used["test"], *findings.annotations}
    usual = dict.fromkeys(findings.files.pictures, "a picture without an annotation that can be used")
    masks = dict.fromkeys(set(findings.files.pictures).difference(findings.pictures), "a segmentation mask")
    left_out = findings.files.others | usual | masks | findings.reasons
    return Account.of_names("files", (*findings.files.pictures, *findings.files.others),
                            {**used, "annotations": findings.annotations},
                            {name: why for name, why in left_out.items() if name not in accounted})


def to_annotations(pictures: Sequence[AnnotatedPicture], classes: Sequence[str]) -> Annotations:
    """Return the boxes of these pictures as arrays."""
    labels: Mapping[str, int] = {name: label for label, name in enumerate(classes)}
    return concat_annotations((np.array([box.corners for box in each.boxes], np.float32),
                               np.array([labels[box.name] for box in each.boxes], np.int64),
                               np.array([box.difficult for box in each.boxes], np.bool_)) for each in pictures)


def _drop_repeated(found: Sequence[AnnotatedPicture]) -> tuple[list[AnnotatedPicture], list[str]]:
    """Return the pictures sorted by name, and a problem for each that is annotated twice."""
    by_picture: dict[str, AnnotatedPicture] = {}
    again = []
    for each in sorted(found, key=lambda each: (each.picture, each.source)):
        first = by_picture.setdefault(each.picture, each)
        if first is not each:
            again.append(f"{each.source}: {each.picture} is already annotated in {first.source}")
    return list(by_picture.values()), again


def _divide(root: Path, parts: Mapping[str, list[AnnotatedPicture]], problems: Sequence[str], what: str) -> tuple[
        list[AnnotatedPicture], list[AnnotatedPicture], tuple[Part, Part], list[Decision]]:
    """Return training pictures, test pictures, where they come from, and what was decided."""
    only, *more = (name for name, them in parts.items() if any(each.boxes for each in them))
    if not more and only != "train" and not problems:
        alone = Decision(f"the {only} part in the files is the training part", f"no other has {what}")
        train, test, origins, decisions = _divide(root, {"train": parts[only]}, problems, what)
        return train, test, origins, [alone, *decisions]
    train, test, val = (parts.get(name, []) for name in ("train", "test", "val"))
    if not any(each.boxes for each in train):
        raise _folder_error(root, f"a folder whose training pictures have {what}", problems)
    origins = Part("train", "the part that the files call train"), Part("test", "the part that they call test")
    if test:
        return train, test, origins, [Decision(
            "the validation part in the files is not used: val_fraction of training is held back instead "
            f"({len(val):,} pictures)")] if val else []
    if val:
        return train, val, (origins[0], Part("test", "the part that they call val")), [
            Decision("the validation part in the files is the test set")]
    classes = sorted({box.name for each in train for box in each.boxes})
    learnt, held = hold_out(to_annotations(train, classes))
    return [train[place] for place in learnt], [train[place] for place in held], (
        Part("train", "the files"), Part("test", "the files, held out by Darkroom")), [
        Decision("the files name no test part: a fifth of the pictures, balanced by class, is held out as the test "
                 "set")]


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


def _folder_error(folder: Path, expected: str, problems: Sequence[str]) -> ConfigError:
    first = f"; the first of {len(problems):,} problems: {problems[0]}" if problems else ""
    return ConfigError("data_path", str(folder), f"{expected}{first}")
