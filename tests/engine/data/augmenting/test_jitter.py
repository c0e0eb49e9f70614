"""Colour jitter of whole batches against torchvision's functionals on each picture alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional

from engine.data.augmenting.jitter import JITTERS, Jitter
from engine.data.augmenting.recipe import Canvas
from tests.engine.data.augmenting.test_policies import pictures

PEERS = {"brightness": functional.adjust_brightness, "contrast": functional.adjust_contrast,
         "saturation": functional.adjust_saturation}


def alone(picture: Tensor, order: Tensor, factors: Tensor) -> Tensor:
    for kind in order.tolist():
        picture = PEERS[JITTERS[kind]](picture, float(factors[kind]))
    return picture


@pytest.mark.parametrize("channels", [1, 3])
def test_equals_torchvision_picture_by_picture(channels: int) -> None:
    before = pictures(200, 32, channels)
    jitter = Jitter(0.5)
    order, factors = jitter.draw(200, Canvas(32, channels, True), torch.Generator().manual_seed(0))
    after = jitter.apply(before, (order, factors))
    expected = torch.stack([alone(*of_one) for of_one in zip(before, order, factors, strict=True)])
    away = (after.float() - expected.float()).abs()
    assert after.dtype == torch.uint8
    assert away.max() <= 2 and (away > 0).float().mean() < 0.002


def test_draws_are_every_order_and_the_whole_range() -> None:
    order, factors = Jitter(0.2).draw(6000, Canvas(32, 3, True), torch.Generator().manual_seed(0))
    _, counts = order.unique(dim=0, return_counts=True)
    assert len(counts) == 6 and counts.min() > 850
    assert 0.8 <= factors.min() < 0.801 and 1.199 < factors.max() <= 1.2
    assert (factors.mean(0) - 1).abs().max() < 0.01
