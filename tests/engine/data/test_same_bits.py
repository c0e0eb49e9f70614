"""What every recipe draws and makes stays what it was when old runs were trained, so that they resume exactly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.catalog.augmentations import AUGMENTATIONS, MIXINGS
from engine.data.augmenting.draws import Draws
from engine.data.batches import TrainBatches
from engine.data.mixing import Mixed, Mixing
from tests.engine.data.test_batches import MEAN, STD, images

PINNED = Path(__file__).with_name("recipes.json")
EPOCHS = (0, 3)
SIDES = ((28, 32), (8, 8))
"""Of the pictures, and as the model sees them."""
CLOSE = 1.0
"""A level that another processor rounds otherwise moves a sum by 0.05; other draws move it by hundreds."""


@pytest.mark.parametrize("name", AUGMENTATIONS)
@pytest.mark.parametrize("mixing", MIXINGS)
def test_draws_and_batches_are_those_of_old_runs(name: str, mixing: str) -> None:
    pinned = json.loads(PINNED.read_text())
    for channels in (1, 3):
        for sides in SIDES:
            digest, sums = told(name, mixing, channels, *sides)
            expected = pinned[f"{name} {mixing} {channels} {sides[1]}"]
            assert digest == expected["draws"]
            assert sums == pytest.approx(expected["sums"], abs=CLOSE)


def told(name: str, mixing: str, channels: int, side: int, size: int) -> tuple[str, list[float]]:
    """A digest of what two epochs draw, and a weighted sum of each one's first batch with its labels."""
    made = TrainBatches(
        images(50, side, channels), np.arange(50) % 10, batch_size=16, augmentation=AUGMENTATIONS[name], size=size,
        mean=MEAN[:channels], std=STD[:channels], seed=5, device="cpu", channels_last=True, flips=channels == 3,
        mixing=None if mixing == "none" else Mixing(mixing), train_scale=(size + 4, size + 12))
    digest = hashlib.sha256()
    for epoch in EPOCHS:
        for drawn in tensors(made.draws(epoch)):
            digest.update(f"{list(drawn.shape)}".encode() + whole(drawn).numpy().tobytes())
    return digest.hexdigest()[:16], [weighed(*next(made.epoch(epoch))) for epoch in EPOCHS]


def tensors(draws: Draws) -> Iterator[Tensor]:
    yield from (draws.order, draws.tops, draws.lefts, draws.flips)
    yield from (each for each in (draws.scales, draws.boxes) if each is not None)
    for drawn in draws.drawn:
        yield from (drawn,) if isinstance(drawn, Tensor) else drawn
    yield from (draws.mix.shares, draws.mix.boxes) if draws.mix else ()


def whole(drawn: Tensor) -> Tensor:
    """int64; of fractions four digits, as the last bit may depend on the processor."""
    return (drawn.double() * 10_000).round().long() if drawn.is_floating_point() else drawn.long()


def weighed(pictures: Tensor, labels: Tensor | Mixed) -> float:
    parts: Iterable[Tensor] = (labels,) if isinstance(labels, Tensor) else (labels.first, labels.second, labels.share)
    values = torch.cat([pictures.flatten().double(), *(part.double() for part in parts)])
    return float(values @ torch.from_numpy(np.random.RandomState(1).uniform(-1, 1, len(values))))
