"""All random numbers of an epoch, drawn at once on the CPU, so that every device and resumed run uses the same ones."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.data.augmenting.recipe import Drawn
from engine.data.mixing import MixDraws


@dataclass(frozen=True, eq=False)
class Draws:
    """The random numbers of an epoch, each [N] or [N, …] in the order of the epoch, on the CPU; None: not used.

    Attributes:
        order: int64, the picture's position.
        tops, lefts: int64, the crop's corner in the padded or scaled picture.
        flips: bool, whether the crop is mirrored left–right.
        scales: int64, length S of the picture's shorter side.
        drawn: the draws of each operation of the recipe, in order.
        mix: the draws for mixing.
        boxes: int64 [N, 4], top, left, height and width of a crop that is resized.
    """

    order: Tensor
    tops: Tensor
    lefts: Tensor
    flips: Tensor
    scales: Tensor | None = None
    drawn: tuple[Drawn, ...] = ()
    mix: MixDraws | None = None
    boxes: Tensor | None = None


def generator(seed: int, epoch: int) -> torch.Generator:
    """Return the random generator of an epoch."""
    # torch's CPU generator uses only the low 32 bits of its seed, so both numbers are hashed into them.
    mixed = int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])
    return torch.Generator().manual_seed(mixed)


def epoch_order(targets: Tensor, count: int, random: torch.Generator, *, balanced: bool = False,
                repeats: int = 1) -> Tensor:
    """Return the positions of the pictures of an epoch: int64 [count].

    Args:
        targets: int64 [N], class of each picture; or [N, K], 0 or 1 for each class.
        balanced: every class comes equally often, each in shuffled passes over its own pictures; those without any are
        one more class.
        repeats: number of times a picture comes in a row, as repeated augmentation needs it (Hoffer et al., 2020).
    """
    different = -(-count // repeats)
    order = _balanced_passes(targets, different, random) if balanced else \
        shuffle_passes(len(targets), different, random)
    return order.repeat_interleave(repeats)[:count] if repeats > 1 else order


def _balanced_passes(targets: Tensor, count: int, random: torch.Generator) -> Tensor:
    groups = _groups(targets)
    classes = shuffle_passes(len(groups), count, random)
    order = torch.empty(count, dtype=torch.int64)
    for label, pictures in enumerate(groups):
        places = (classes == label).nonzero().flatten()
        order[places] = pictures[shuffle_passes(len(pictures), len(places), random)]
    return order


def _groups(targets: Tensor) -> list[Tensor]:
    """Return the positions of the pictures of each class that there is."""
    if targets.ndim == 1:
        return [(targets == label).nonzero().flatten() for label in targets.unique()]
    without = (targets.sum(1) == 0).nonzero().flatten()
    groups = [column.nonzero().flatten() for column in targets.T]
    return [pictures for pictures in (*groups, without) if len(pictures)]


def shuffle_passes(pictures: int, count: int, random: torch.Generator) -> Tensor:
    """Return ``count`` positions of ``pictures`` pictures, in passes that are each shuffled: int64 [count]."""
    passes = [torch.randperm(pictures, generator=random) for _ in range(-(-count // pictures))]
    return torch.cat(passes)[:count]
