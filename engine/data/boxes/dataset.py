"""``DetectionDataset``: pictures of any size with boxes around what they show, and what identifies them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from engine.boxes.arrays import Annotations, Bools, Floats, Ints, annotations_of, areas, chosen
from engine.data.boxes.files import AnnotatedArray
from engine.data.dataset import Pictures


class PictureSource(Protocol):
    """The pictures of a split, which may be called from several threads at once."""

    def picture(self, place: int, longest: int) -> Pictures:
        """uint8 [H, W, 3], its longer side ``longest`` pixels at most; 0: as large as it is.

        Raises:
            UserError: its file has gone or been damaged.
        """


@dataclass(frozen=True, eq=False)
class Written:
    """What the files say of a split's boxes, mistakes and all.

    Attributes:
        annotations: every box as it is written, also one without extent, beyond the picture, or written twice.
        sources: the annotation file of each picture, as a path inside the set's folder.
        places: int64 [M], where in its file each box is: ``counted`` says what is counted.
        sizes: int64 [N, 2], height and width of each picture as the file tells them; 0 where it does not.
        contents: uint8 [N, 16], a digest of each picture file: equal digests, equal pictures.
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
        names: of each picture, its path inside the set's folder.
        sizes: int64 [N, 2], height and width of each picture in pixels.
        written: what its files say.
        source: where the pictures come from.
    """

    names: tuple[str, ...]
    sizes: Ints
    written: Written
    source: PictureSource = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def annotations(self) -> Annotations:
        """The boxes to learn from and to be judged by: cut off at the edges of their picture; those of which nothing
        is left are not among them."""
        cut = self._cut
        return chosen(replace(self.written.annotations, boxes=cut), areas(cut) > 0)

    @cached_property
    def without_boxes(self) -> Bools:
        """bool [N]: whether there is no usable box in the picture."""
        empty: Bools = np.bincount(self.annotations.picture, minlength=len(self)) == 0
        return empty

    @property
    def left_out(self) -> int:
        """How many boxes are written but not usable."""
        return len(self.written.annotations) - len(self.annotations)

    @property
    def _cut(self) -> Floats:
        boxes = self.written.annotations
        height, width = self.sizes[boxes.picture].T
        cut: Floats = np.stack([boxes.boxes[:, edge].clip(0, (width, height)[edge % 2]) for edge in range(4)], axis=1)
        return cut.astype(np.float32)


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectionDataset:
    """A data set of pictures with boxes, ready to train on; pictures are read when they are asked for.

    Attributes:
        classes: class names in label order; there is none for background.
        fingerprint: 16 hex digits that change with any picture, box, class or order.
        mean, std: of the training pictures, one number a channel, on the scale where 255 is 1.
        notes: what a person should know about how the files were understood, one sentence each.
        skipped: what was left out because it cannot be read: file, line where there is one, and why.
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

    def split(self, name: str) -> AnnotatedSplit:
        """``test``; or ``train`` or ``val``, whose pictures are both among the training ones."""
        return {"train": self.train, "val": self.train, "test": self.test}[name]

    def picture(self, split: str, place: int, longest: int = 0) -> Pictures:
        """One picture, uint8 [H, W, 3], its longer side ``longest`` pixels at most; 0: as large as it is.

        JPEG files are decoded at a reduced scale where that is enough. Boxes are in pixels of the original, whose size
        is ``split(…).sizes[place]``.

        Raises:
            UserError: its file has gone or been damaged.
        """
        return self.split(split).source.picture(place, longest)


def of_one_picture(picture: Pictures, name: str, classes: Sequence[str]) -> DetectionDataset:
    """A data set whose test part is one picture, uint8 [H, W, 3], without any box."""
    sizes = np.array([picture.shape[:2]], np.int64)
    nothing = annotations_of([(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_))])
    written = Written(nothing, (name,), np.zeros(0, np.int64), sizes, np.zeros((1, 16), np.uint8))
    split = AnnotatedSplit((name,), sizes, written, AnnotatedArray(picture[None]))
    return DetectionDataset(name=name, classes=tuple(classes), fingerprint="", mean=(), std=(), notes=(), skipped=(),
                            train=split, test=split)
