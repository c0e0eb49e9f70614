"""Batches of pictures with boxes, each picture with its own height and width. Imports torch."""

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

from engine.boxes.arrays import Annotations, Ints, select_pictures
from engine.data.augmenting.draws import generator, shuffle_passes
from engine.data.batches import batch_lengths
from engine.data.boxes.dataset import DetectionDataset
from engine.data.boxes.files import fit_within
from engine.data.dataset import Pictures
from engine.data.storage import fits_resized
from engine.data.streaming import read_ahead

"""``image`` uint8 [3, H, W], ``boxes`` and ``labels``, as ``transforms.v2`` changes them together."""

Colour = tuple[int, ...]
"""One level 0–255 per channel."""


class CropAroundBoxes(v2.RandomIoUCrop):  # type: ignore[misc]
    """torchvision's SSD crop (Liu et al., 2016), except for pictures without boxes, which it cannot crop."""

    def forward(self, *inputs: Any) -> Any:
        return super().forward(*inputs) if len(inputs[0]["boxes"]) else inputs[0]


def _strong_steps(flips: bool, fill: Colour) -> list[v2.Transform]:
    return [v2.RandomPhotometricDistort(p=0.5), v2.RandomZoomOut(fill=fill, side_range=(1.0, 2.0), p=0.3),
            CropAroundBoxes(), v2.SanitizeBoundingBoxes(), *_weak_steps(flips, fill)]


def _weak_steps(flips: bool, fill: Colour) -> list[v2.Transform]:
    return [v2.RandomHorizontalFlip()] if flips else []


RECIPES: dict[str, Callable[[bool, Colour], Sequence[v2.Transform]]] = {
    "default": lambda flips, fill: [], "weak": _weak_steps, "strong": _strong_steps,
}
"""By augmentation name: a function from (may be mirrored, fill colour) to the transforms."""


class Augment:
    """A recipe for one picture at a time, determined by a seed.

    Args:
        name: a key of :data:`RECIPES`.
        flips: whether a mirrored picture keeps its class.
        mean: mean of the training pictures per channel, where 255 is 1; it fills the border when a picture is zoomed
        out.
    """

    def __init__(self, name: str, flips: bool, mean: Sequence[float]) -> None:
        self._steps = RECIPES[name](flips, tuple(round(255 * level) for level in mean))

    def __call__(self, picture: Tensor, boxes: Tensor, labels: Tensor, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Augment uint8 [3, H, W], float32 [M, 4] and int64 [M]; size and number of boxes may change. torch's random
        state is left as it was."""
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


class BoxInputFormat(NamedTuple):
    """The model's input: longer side ``size`` pixels, normalised, on the device."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device


@dataclass(frozen=True, eq=False)
class BoxedPictures:
    """Some pictures of a split, decoded at most as large as needed, and kept if that takes at most a GiB.

    Attributes:
        split: ``train`` or ``test``.
        ids: int64 [N], positions in the split, ascending.
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
        """Boxes of these pictures, in pixels of the originals."""
        return select_pictures(self.dataset.split(self.split).annotations, self.ids)

    @property
    def sizes(self) -> Ints:
        """int64 [N, 2], height and width of the originals."""
        return self.dataset.split(self.split).sizes[self.ids]

    def read(self, place: int) -> Pictures:
        """Return a picture, uint8 [H, W, 3], by its position among these; thread-safe.

        Raises:
            UserError: its file is missing or damaged.
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
        augmentation: a key of :data:`RECIPES`.
        seed: with the epoch's number it determines all randomness.
        flips: whether pictures may be mirrored.
        steps_per_epoch: number of full batches per epoch, in as many passes as needed; None: one pass.
    """

    def __init__(self, pictures: BoxedPictures, look: BoxInputFormat, *, batch_size: int, augmentation: str, seed: int,
                 flips: bool, steps_per_epoch: int | None = None) -> None:
        self._reader, self._batch_size, self._seed = _InputReader(pictures, look), batch_size, seed
        self._augment = Augment(augmentation, flips, pictures.dataset.mean)
        self._lengths = batch_lengths(len(pictures), batch_size, steps_per_epoch)

    @property
    def steps_per_epoch(self) -> int:
        return len(self._lengths)

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[BoxedBatch]:
        """Yield the batches of one epoch from ``start_step`` on, the same as without skipping.

        Yields:
            Lists of pictures float32 [3, H, W] and of targets: ``boxes`` float32 [M, 4] in their pixels and ``labels``
            int64 [M].
        """
        random = generator(self._seed, epoch)
        count = sum(self._lengths)
        order = shuffle_passes(len(self._reader.pictures), max(count, len(self._reader.pictures)), random)
        seeds = torch.randint(_LARGEST_SEED, (len(order),), generator=random).tolist()
        places = [order[step * self._batch_size:step * self._batch_size + length].tolist()
                  for step, length in enumerate(self._lengths)]
        with closing(read_ahead(self._reader.read, places[start_step:])) as batches:
            for step, samples in enumerate(batches, start_step):
                drawn = seeds[step * self._batch_size:]
                yield self._reader.batch([self._augment(*sample, seed)
                                         for sample, seed in zip(samples, drawn, strict=False)])


class BoxedEvalBatches:
    """Normalised batches in the pictures' own order, with the same contents as :class:`BoxedTrainBatches`."""

    def __init__(self, pictures: BoxedPictures, look: BoxInputFormat, *, batch_size: int) -> None:
        self.pictures, self._reader, self._batch_size = pictures, _InputReader(pictures, look), batch_size

    def __len__(self) -> int:
        return math.ceil(len(self.pictures) / self._batch_size)

    def __iter__(self) -> Iterator[BoxedBatch]:
        places = np.arange(len(self.pictures))
        parts = [places[start:start + self._batch_size].tolist() for start in range(0, len(places), self._batch_size)]
        with closing(read_ahead(self._reader.read, parts)) as batches:
            for samples in batches:
                yield self._reader.batch(samples)


class _InputReader:
    """Reads pictures and turns them into the model's input, for both kinds of batches."""

    def __init__(self, pictures: BoxedPictures, look: BoxInputFormat) -> None:
        self.pictures, self._look, self._truth, self._sizes = pictures, look, pictures.truth, pictures.sizes
        shape = (3, 1, 1)
        self._mean = torch.tensor(look.mean).view(shape).to(look.device)
        self._std = torch.tensor(look.std).view(shape).to(look.device)

    def read(self, places: list[int]) -> list[Sample]:
        """Read the pictures at these positions."""
        return [self._read(place) for place in places]

    def _read(self, place: int) -> Sample:
        rows, (height, width) = self._truth.rows_of(place), self._sizes[place].tolist()
        picture = torch.from_numpy(self.pictures.read(place).copy()).permute(2, 0, 1)
        factors = torch.tensor([picture.shape[2] / width, picture.shape[1] / height] * 2)
        return picture, torch.from_numpy(self._truth.boxes[rows]) * factors, torch.from_numpy(self._truth.labels[rows])

    def batch(self, samples: list[Sample]) -> BoxedBatch:
        """Resize and normalise pictures, and scale their boxes."""
        finished = [self._finished(*sample) for sample in samples]
        return [picture for picture, _ in finished], [target for _, target in finished]

    def _finished(self, picture: Tensor, boxes: Tensor, labels: Tensor) -> tuple[Tensor, Target]:
        look, (height, width) = self._look, picture.shape[-2:]
        size = scale_to((height, width), look.size)
        if size != (height, width):
            picture = functional.resize(picture, list(size), antialias=True)
            boxes = boxes * torch.tensor([size[1] / width, size[0] / height] * 2)
        shown = (picture.to(look.device).float() / 255 - self._mean) / self._std
        return shown, {"boxes": boxes.to(look.device), "labels": labels.to(look.device)}


def scale_to(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return height and width with the longer side exactly ``longest`` pixels, keeping the aspect ratio."""
    height, width = size
    if max(height, width) >= longest:
        return fit_within(size, longest)
    scale = longest / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))
