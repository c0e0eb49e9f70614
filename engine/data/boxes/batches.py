"""Batches of pictures with boxes, each picture of its own height and width. Imports torch."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from engine.boxes.arrays import Annotations, Ints, of_pictures
from engine.data.augmenting.draws import generator, shuffled_passes
from engine.data.batches import batch_lengths
from engine.data.boxes.dataset import DetectionDataset
from engine.data.boxes.files import fitted
from engine.data.dataset import Pictures
from engine.data.keeping import fits_resized
from engine.data.streaming import ahead

"""``image`` uint8 [3, H, W], ``boxes`` and ``labels``, as ``transforms.v2`` changes them together."""

Colour = tuple[int, ...]
"""0–255, a number a channel."""


class CropAroundBoxes(v2.RandomIoUCrop):  # type: ignore[misc]
    """torchvision's crop after SSD (Liu et al., 2016); a picture without boxes stays: there is nothing to overlap."""

    def forward(self, *inputs: Any) -> Any:
        return super().forward(*inputs) if len(inputs[0]["boxes"]) else inputs[0]


def _varied(flips: bool, ground: Colour) -> list[v2.Transform]:
    return [v2.RandomPhotometricDistort(p=0.5), v2.RandomZoomOut(fill=ground, side_range=(1.0, 2.0), p=0.3),
            CropAroundBoxes(), v2.SanitizeBoundingBoxes(), *_flipped(flips, ground)]


def _flipped(flips: bool, ground: Colour) -> list[v2.Transform]:
    return [v2.RandomHorizontalFlip()] if flips else []


RECIPES: dict[str, Callable[[bool, Colour], Sequence[v2.Transform]]] = {
    "default": lambda flips, ground: [], "weak": _flipped, "strong": _varied,
}
"""By the name of an augmentation: its steps, given whether pictures may be mirrored, and what lies around them."""


class Augment:
    """A recipe for one picture at a time; the seed alone decides what it does.

    Args:
        name: a key of :data:`RECIPES`.
        flips: whether a mirrored picture still shows its class.
        mean: of the training pictures, a number a channel, on the scale where 255 is 1: the ground around a picture
            that is made smaller, as black would be far from anything that a pale set shows.
    """

    def __init__(self, name: str, flips: bool, mean: Sequence[float]) -> None:
        self._steps = RECIPES[name](flips, tuple(round(255 * level) for level in mean))

    def __call__(self, picture: Tensor, boxes: Tensor, labels: Tensor, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """uint8 [3, H, W], float32 [M, 4] and int64 [M] to such; of another size, with fewer boxes, as the recipe has
        it. torch's random numbers go on afterwards as if nothing had been drawn."""
        if not self._steps:
            return picture, boxes, labels
        sample: dict[str, Any] = {
            "image": tv_tensors.Image(picture), "labels": labels,
            "boxes": tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=picture.shape[-2:])}
        before = torch.default_generator.get_state()
        torch.default_generator.manual_seed(seed)
        try:
            for step in self._steps:
                sample = step(sample)
        finally:
            torch.default_generator.set_state(before)
        return (sample["image"].as_subclass(Tensor), sample["boxes"].as_subclass(Tensor),
                sample["labels"].as_subclass(Tensor))


Target = dict[str, Tensor]
BoxedBatch = tuple[list[Tensor], list[Target]]
Sample = tuple[Tensor, Tensor, Tensor]
"""A picture uint8 [3, H, W], its boxes float32 [M, 4] in its pixels, and their labels int64 [M]."""
_LARGEST_SEED = 2**32


class BoxedLook(NamedTuple):
    """How pictures are shown to the model: with the longer side ``size`` pixels, normalised, on the device."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device


@dataclass(frozen=True, eq=False)
class BoxedPictures:
    """Some pictures of a split, decoded no larger than they are shown, and kept where that takes at most a GiB.

    Attributes:
        split: ``train`` or ``test``.
        ids: int64 [N], positions in it, ascending.
    """

    dataset: DetectionDataset
    split: str
    ids: Ints
    size: int
    _kept: dict[int, Pictures] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def truth(self) -> Annotations:
        """The boxes of these pictures alone, in pixels of the original."""
        return of_pictures(self.dataset.split(self.split).annotations, self.ids)

    @property
    def sizes(self) -> Ints:
        """int64 [N, 2], height and width of the originals."""
        return self.dataset.split(self.split).sizes[self.ids]

    def read(self, place: int) -> Pictures:
        """uint8 [H, W, 3] of the picture at this place among them; may be called from several threads at once.

        Raises:
            UserError: its file has gone or been damaged.
        """
        found = self._kept.get(place)
        if found is None:
            found = self.dataset.picture(self.split, int(self.ids[place]), self.size)
            if fits_resized(len(self.ids), (self.size, self.size), 3):
                self._kept[place] = found
        return found


class BoxedTrainBatches:
    """Shuffled, augmented, normalised batches.

    Args:
        augmentation: a key of :data:`engine.data.boxes.batches.RECIPES`.
        seed: with the epoch's number it decides everything random.
        flips: whether pictures may be mirrored at all.
        steps_per_epoch: batches in an epoch, all of them full, however many passes that takes; None: one pass.
    """

    def __init__(self, pictures: BoxedPictures, look: BoxedLook, *, batch_size: int, augmentation: str, seed: int,
                 flips: bool, steps_per_epoch: int | None = None) -> None:
        self._shown, self._batch_size, self._seed = _Shown(pictures, look), batch_size, seed
        self._augment = Augment(augmentation, flips, pictures.dataset.mean)
        self._lengths = batch_lengths(len(pictures), batch_size, steps_per_epoch)

    @property
    def steps_per_epoch(self) -> int:
        return len(self._lengths)

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[BoxedBatch]:
        """The batches of one epoch; from ``start_step`` on they are exactly what they are without skipping.

        Yields:
            Of each picture float32 [3, H, W], and ``boxes`` float32 [M, 4] in its pixels and ``labels`` int64 [M].
        """
        random = generator(self._seed, epoch)
        count = sum(self._lengths)
        order = shuffled_passes(len(self._shown.pictures), max(count, len(self._shown.pictures)), random)
        seeds = torch.randint(_LARGEST_SEED, (len(order),), generator=random).tolist()
        places = [order[step * self._batch_size:step * self._batch_size + length].tolist()
                  for step, length in enumerate(self._lengths)]
        with closing(ahead(self._shown.read, places[start_step:])) as batches:
            for step, samples in enumerate(batches, start_step):
                drawn = seeds[step * self._batch_size:]
                yield self._shown.batch([self._augment(*sample, seed)
                                         for sample, seed in zip(samples, drawn, strict=False)])


class BoxedEvalBatches:
    """Normalised batches in the pictures' own order, as :class:`BoxedTrainBatches` yields them."""

    def __init__(self, pictures: BoxedPictures, look: BoxedLook, *, batch_size: int) -> None:
        self.pictures, self._shown, self._batch_size = pictures, _Shown(pictures, look), batch_size

    def __len__(self) -> int:
        return math.ceil(len(self.pictures) / self._batch_size)

    def __iter__(self) -> Iterator[BoxedBatch]:
        places = np.arange(len(self.pictures))
        parts = [places[start:start + self._batch_size].tolist() for start in range(0, len(places), self._batch_size)]
        with closing(ahead(self._shown.read, parts)) as batches:
            for samples in batches:
                yield self._shown.batch(samples)


class _Shown:
    """Pictures on their way to the model: what both kinds of batches do."""

    def __init__(self, pictures: BoxedPictures, look: BoxedLook) -> None:
        self.pictures, self._look, self._truth, self._sizes = pictures, look, pictures.truth, pictures.sizes
        shape = (3, 1, 1)
        self._mean = torch.tensor(look.mean).view(shape).to(look.device)
        self._std = torch.tensor(look.std).view(shape).to(look.device)

    def read(self, places: list[int]) -> list[Sample]:
        """The pictures at these places, no larger than they are shown."""
        return [self._read(place) for place in places]

    def _read(self, place: int) -> Sample:
        rows, (height, width) = self._truth.of(place), self._sizes[place].tolist()
        picture = torch.from_numpy(self.pictures.read(place).copy()).permute(2, 0, 1)
        factors = torch.tensor([picture.shape[2] / width, picture.shape[1] / height] * 2)
        return picture, torch.from_numpy(self._truth.boxes[rows]) * factors, torch.from_numpy(self._truth.labels[rows])

    def batch(self, samples: list[Sample]) -> BoxedBatch:
        """Every picture with its longer side ``size``, normalised, and its boxes with it."""
        finished = [self._finished(*sample) for sample in samples]
        return [picture for picture, _ in finished], [target for _, target in finished]

    def _finished(self, picture: Tensor, boxes: Tensor, labels: Tensor) -> tuple[Tensor, Target]:
        look, (height, width) = self._look, picture.shape[-2:]
        size = scaled((height, width), look.size)
        if size != (height, width):
            picture = functional.resize(picture, list(size), antialias=True)
            boxes = boxes * torch.tensor([size[1] / width, size[0] / height] * 2)
        shown = (picture.to(look.device).float() / 255 - self._mean) / self._std
        return shown, {"boxes": boxes.to(look.device), "labels": labels.to(look.device)}


def scaled(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Height and width with the same aspect, the longer side exactly ``longest`` pixels."""
    height, width = size
    if max(height, width) >= longest:
        return fitted(size, longest)
    scale = longest / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))
