"""AutoAugment, AugMix and 3-Augment on whole batches against torchvision on each picture, with the same draws."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from engine.data.augmenting.policies import KINDS
from engine.data.augmenting.recipe import Canvas
from engine.data.augmenting.searched import AugMix, AutoAugment
from engine.data.augmenting.three import KERNEL, ThreeAugment
from tests.engine.data.augmenting.test_policies import pictures

COUNT = 400


def alone(peer: Any, picture: Tensor, kind: int, argument: float) -> Tensor:
    """One picture through torchvision's operation."""
    name = KINDS[kind]
    magnitude = argument - 1 if name in ("Brightness", "Color", "Contrast", "Sharpness") else argument
    changed: Tensor = picture if name == "Identity" else peer._apply_image_or_video_transform(
        picture, name, magnitude, InterpolationMode.NEAREST, peer._fill)
    return changed


@pytest.mark.parametrize("size", [32, 57])
def test_autoaugment_is_torchvision_s(size: int) -> None:
    peer, before = v2.AutoAugment(), pictures(COUNT, size, 3)
    kinds, arguments = AutoAugment().draw(COUNT, Canvas(size, 3, True), torch.Generator().manual_seed(0))
    for picture, changed, ours, values in zip(before, AutoAugment().apply(before, (kinds, arguments)), kinds.tolist(),
                                              arguments.tolist(), strict=True):
        for kind, argument in zip(ours, values, strict=True):
            picture = alone(peer, picture, kind, argument)
        assert torch.equal(changed, picture), ours


def test_autoaugment_draws_torchvision_s_pairs_with_their_chances() -> None:
    count, peer = 50_000, v2.AutoAugment()
    kinds, arguments = AutoAugment().draw(count, Canvas(32, 3, True), torch.Generator().manual_seed(1))
    expected = torch.zeros(len(KINDS), dtype=torch.float64)
    for policy in peer._policies:
        for name, chance, _ in policy:
            expected[KINDS.index(name)] += chance / 25
    for kind in range(1, len(KINDS)):
        found = float((kinds == kind).double().sum() / count)
        assert found == pytest.approx(float(expected[kind]), abs=0.012), KINDS[kind]
    turned = arguments[kinds == KINDS.index("Rotate")]
    assert set(turned.abs().round(decimals=3).tolist()) == {10.0, 26.667, 30.0}  # levels 3, 8 and 9 of 10 up to 30°
    assert float((turned > 0).double().mean()) == pytest.approx(0.5, abs=0.02)


def test_augmix_is_torchvision_s() -> None:
    peer, before = v2.AugMix(interpolation=InterpolationMode.NEAREST), pictures(60, 32, 3)
    shares, kinds, arguments = AugMix().draw(60, Canvas(32, 3, True), torch.Generator().manual_seed(0))
    after = AugMix().apply(before, (shares, kinds, arguments))
    for picture, changed, share, chains, values in zip(before, after, shares, kinds.tolist(), arguments.tolist(),
                                                       strict=True):
        mixed = share[0] * picture
        for weight, chain, numbers in zip(share[1:], chains, values, strict=True):
            varied = picture
            for kind, argument in zip(chain, numbers, strict=True):
                varied = alone(peer, varied, kind, argument)
            mixed += weight * varied
        assert torch.equal(changed, mixed.byte())


def test_augmix_draws_as_torchvision() -> None:
    shares, kinds, arguments = AugMix().draw(20_000, Canvas(32, 3, True), torch.Generator().manual_seed(2))
    assert torch.allclose(shares.sum(1), torch.ones(20_000))
    assert float(shares[:, 0].mean()) == pytest.approx(0.5, abs=0.01)
    assert float(shares[:, 0].var()) == pytest.approx(1 / 12, abs=0.003)  # uniform, as Dirichlet(1, 1) is
    lengths = (kinds > 0).sum(2).flatten()
    assert lengths.bincount().double().div(60_000).tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3], abs=0.01)
    used = {KINDS[kind] for kind in kinds.unique().tolist()} - {"Identity"}
    assert used == set(v2.AugMix._AUGMENTATION_SPACE)
    shear = arguments[kinds == KINDS.index("ShearX")].abs().unique()
    assert torch.allclose(shear, torch.linspace(0, 0.3, 10).double()[:3])


@pytest.mark.parametrize("channels", [1, 3])
def test_3_augment_is_torchvision_s(channels: int) -> None:
    before = pictures(90, 32, channels)
    kinds, sigmas = ThreeAugment().draw(90, Canvas(32, channels, True), torch.Generator().manual_seed(0))
    assert kinds.unique().tolist() == [0, 1, 2]
    after = ThreeAugment().apply(before.clone(), (kinds, sigmas))
    for picture, changed, kind, sigma in zip(before, after, kinds.tolist(), sigmas.tolist(), strict=True):
        peers = (lambda each: functional.rgb_to_grayscale(each, channels),
                 lambda each: functional.solarize(each, 128),
                 lambda each, sigma=sigma: functional.gaussian_blur(each, KERNEL, sigma))
        expected = peers[kind](picture)
        assert (changed.int() - expected.int()).abs().max() <= (1 if kind == 2 else 0), kind
