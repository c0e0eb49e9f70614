"""``DetectionDataset``: pictures of any size with labelled boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Floats, Ints, areas, concat_annotations, select
from engine.data.boxes.files import AnnotatedArray
from engine.data.dataset import Pictures
from engine.data.ledger import NOTHING, Ledger


class PictureSource(Protocol):
    """The pictures of a split; thread-safe."""

    def picture(self, place: int, longest: int) -> Pictures:
        """Return uint8 [H, W, 3], its longer side at most ``longest`` pixels; 0: full size.

        Raises:
            UserError: its file is missing or damaged.
        """


@dataclass(frozen=True, eq=False)
class RawAnnotations:
    """A split's annotations as in the files, including mistakes.

    Attributes:
        annotations: every box, including those that are empty, outside the picture or repeated.
        sources: annotation file of each picture, relative to the set's folder.
        places: int64 [M], position of each box in its file, in units of ``counted``.
        sizes: int64 [N, 2], height and width of each picture stated in the file; 0 if missing.
        contents: uint8 [N, 16], digest of each picture file.
        counted: ``line`` or ``annotation``.
    """

    annotations: Annotations
    sources: tuple[str, ...]
    places: Ints
    sizes: Ints
    contents: Pictures
    counted: str = "line"

    def where(self, row: int) -> str:
        """``Annotations/12.xml, line 7``."""
        source = self.sources[self.annotations.picture[row]]
        return f"{source}, {self.counted} {self.places[row]}"


@dataclass(frozen=True, eq=False)
class AnnotatedSplit:
    """The pictures of a split with their boxes.

    Attributes:
        names: path of each picture, relative to the set's folder.
        sizes: int64 [N, 2], height and width of each picture in pixels.
        written: the annotations as in the files.
        source: reads the pictures.
    """

    names: tuple[str, ...]
    sizes: Ints
    written: RawAnnotations
    source: PictureSource = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def annotations(self) -> Annotations:
        """The boxes for training and evaluation, clipped to their picture; empty ones are dropped."""
        cut = self._cut
        return select(replace(self.written.annotations, boxes=cut), areas(cut) > 0)

    @cached_property
    def without_boxes(self) -> Bools:
        """bool [N]: whether a picture has no usable box."""
        empty: Bools = np.bincount(self.annotations.picture, minlength=len(self)) == 0
        return empty

    @property
    def left_out(self) -> int:
        """Number of annotated boxes that are not usable."""
        return len(self.written.annotations) - len(self.annotations)

    @property
    def _cut(self) -> Floats:
        boxes = self.written.annotations
        height, width = self.sizes[boxes.picture].T
        cut: Floats = np.stack([boxes.boxes[:, edge].clip(0, (width, height)[edge % 2]) for edge in range(4)], axis=1)
        return cut.astype(np.float32)


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectionDataset:
    """A detection data set ready for training; pictures are read on demand.

    Attributes:
        classes: class names in label order, without background.
        fingerprint: 16 hex digits that change with any picture, box, class or order.
        mean, std: of the training pictures, one number per channel, where 255 is 1.
        notes: remarks on how the files were interpreted, one sentence each.
        skipped: what could not be read: file, line if any, and reason.
        ledger: the account of the files.
    """

    name: str
    classes: tuple[str, ...]
    fingerprint: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
    train: AnnotatedSplit
    test: AnnotatedSplit
    ledger: Ledger = NOTHING

    def split(self, name: str) -> AnnotatedSplit:
        """Return ``test``, or for ``train`` and ``val`` the training pictures, which contain both."""
        return {"train": self.train, "val": self.train, "test": self.test}[name]

    def picture(self, split: str, place: int, longest: int = 0) -> Pictures:
        """Return one picture, uint8 [H, W, 3], its longer side at most ``longest`` pixels; 0: full size.

        JPEG files are decoded at a reduced scale if possible. Boxes are in pixels of the original, whose size is
        ``split(…).sizes[place]``.

        Raises:
            UserError: its file is missing or damaged.
        """
        return self.split(split).source.picture(place, longest)


def single_picture_dataset(picture: Pictures, name: str, classes: Sequence[str]) -> DetectionDataset:
    """Return a data set whose test split is one picture, uint8 [H, W, 3], without boxes."""
    sizes = np.array([picture.shape[:2]], np.int64)
    nothing = concat_annotations([(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_))])
    written = RawAnnotations(nothing, (name,), np.zeros(0, np.int64), sizes, np.zeros((1, 16), np.uint8))
    split = AnnotatedSplit((name,), sizes, written, AnnotatedArray(picture[None]))
    return DetectionDataset(name=name, classes=tuple(classes), fingerprint="", mean=(), std=(), notes=(), skipped=(),
                            train=split, test=split)
