"""Random changes of a picture and its boxes together, by torchvision's ``transforms.v2``. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

Sample = dict[str, Any]
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
        sample: Sample = {
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
