"""All random numbers of an epoch, drawn at once on the CPU, so that any device and any step sees the same ones."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.data.augmenting.recipe import Drawn
from engine.data.mixing import MixDraws


@dataclass(frozen=True, eq=False)
class Draws:
    """What decides an epoch, each [N] or [N, …] in the order of the epoch, on the CPU; None: the recipe has no use.

    Attributes:
        order: int64, which picture.
        tops, lefts: int64, where the crop starts in the padded or scaled picture.
        flips: bool, whether the crop is then mirrored left–right.
        scales: int64, the side S of each picture's shorter side.
        drawn: what each operation of the recipe drew, in its order.
        mix: what pairs are mixed by.
    """

    order: Tensor
    tops: Tensor
    lefts: Tensor
    flips: Tensor
    scales: Tensor | None = None
    drawn: tuple[Drawn, ...] = ()
    mix: MixDraws | None = None


def generator(seed: int, epoch: int) -> torch.Generator:
    """The one source of an epoch's random numbers."""
    # torch's CPU generator keeps only the low 32 bits of its seed, so both numbers are mixed into those.
    mixed = int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])
    return torch.Generator().manual_seed(mixed)


def shuffled_passes(pictures: int, count: int, random: torch.Generator) -> Tensor:
    """int64 [count]: positions of so many pictures, in passes that are each shuffled anew."""
    passes = [torch.randperm(pictures, generator=random) for _ in range(-(-count // pictures))]
    return torch.cat(passes)[:count]
