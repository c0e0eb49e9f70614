"""Operations and policies on whole batches against torchvision's on each picture alone, with the same draws."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data.augmenting.operations import by_kind
from engine.data.augmenting.policies import POLICIES, Policy

PEERS = {"trivial": v2.TrivialAugmentWide, "rand": v2.RandAugment}
CPU = torch.device("cpu")


def pictures(count: int, size: int, channels: int) -> Tensor:
    """uint8 [count, channels, size, size]: noise, gradients of low contrast, and one level only, in turn."""
    random = torch.Generator().manual_seed(count)
    noise = torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8, generator=random)
    slope = torch.rand(count, channels, 1, 1, generator=random) * torch.arange(size) * 3
    smooth = (torch.rand(count, channels, 1, 1, generator=random) * 150 + slope).byte()
    flat = noise[:, :, :1, :1].expand_as(noise)
    kinds = (torch.arange(count) % 3)[:, None, None, None]
    return torch.where(kinds == 0, noise, torch.where(kinds == 1, smooth, flat)).contiguous()


def policy(name: str, size: int = 32, *, mirrors: bool = True) -> Policy:
    return Policy(POLICIES[name], size, CPU, mirrors=mirrors)


def every_code(name: str, made: Policy, repeats: int = 3) -> Tensor:
    """Every operation, bin and sign, once for each kind of picture: int64 [N, 1]."""
    codes = len(made.names) * len(POLICIES[name].bins) * 2
    return torch.arange(codes).repeat_interleave(repeats)[:, None]


def alone(name: str, made: Policy, picture: Tensor, code: int) -> Tensor:
    """One picture through torchvision's own table of magnitudes and its own operation."""
    peer: Any = PEERS[name]()
    bins = POLICIES[name].bins
    operation = made.names[code // (2 * len(bins))]
    magnitudes, signed = peer._AUGMENTATION_SPACE[operation]
    table = magnitudes(31, picture.shape[-2], picture.shape[-1])
    magnitude = 0.0 if table is None else float(table[bins[code // 2 % len(bins)]])
    changed: Tensor = peer._apply_image_or_video_transform(
        picture, operation, -magnitude if signed and code % 2 else magnitude, peer.interpolation, peer._fill)
    return changed


@pytest.mark.parametrize(("name", "size", "channels"), [
    ("trivial", 32, 3), ("trivial", 28, 1), ("trivial", 9, 3), ("rand", 64, 3), ("rand", 32, 1)])
def test_every_operation_gives_the_bits_that_torchvision_gives(name: str, size: int, channels: int) -> None:
    made = policy(name, size)
    codes = every_code(name, made)
    before = pictures(len(codes), size, channels)
    after = made.apply(before, codes)
    for picture, changed, code in zip(before, after, codes.flatten().tolist(), strict=True):
        assert torch.equal(changed, alone(name, made, picture, code)), made.names[code // (len(codes) // 3 // 14)]


@pytest.mark.parametrize("name", PEERS)
def test_the_operations_are_torchvision_s(name: str) -> None:
    assert policy(name).names == tuple(PEERS[name]._AUGMENTATION_SPACE)
    peer = v2.RandAugment()
    assert (POLICIES["rand"].stages, POLICIES["rand"].bins) == (peer.num_ops, (peer.magnitude,))


def test_two_stages_follow_each_other() -> None:
    made = policy("rand")
    before = pictures(60, 32, 3)
    codes = made.draw(60, torch.Generator().manual_seed(1))
    after = made.apply(before, codes)
    for picture, changed, (first, second) in zip(before, after, codes.tolist(), strict=True):
        assert torch.equal(changed, alone("rand", made, alone("rand", made, picture, first), second))


@pytest.mark.parametrize("name", PEERS)
def test_every_code_is_drawn_equally_often(name: str) -> None:
    from scipy.stats import chisquare

    made = policy(name)
    codes = made.draw(40_000, torch.Generator().manual_seed(0))
    assert codes.shape == (40_000, POLICIES[name].stages)
    for stage in codes.unbind(1):
        counts = torch.bincount(stage, minlength=int(every_code(name, made).max()) + 1)
        assert chisquare(counts.numpy()).pvalue > 1e-3


def test_pictures_that_must_not_be_mirrored_are_turned_by_30_degrees_at_most() -> None:
    codes = every_code("trivial", policy("trivial"))
    for mirrors, most in ((True, 135.0), (False, 30.0)):
        made = policy("trivial", mirrors=mirrors)
        kinds, degrees = made.meaning(codes)
        turned = degrees[kinds == made.names.index("Rotate")]
        assert (float(turned.min()), float(turned.max())) == (-most, most)


def test_what_a_policy_is_given_stays_as_it_is() -> None:
    made = policy("trivial")
    before = pictures(64, 32, 3)
    kept = before.clone()
    made.apply(before, made.draw(64, torch.Generator().manual_seed(0)))
    assert torch.equal(before, kept)


def test_pictures_of_no_kind_stay_and_keep_their_places() -> None:
    before = pictures(6, 4, 1)
    kinds, arguments = torch.tensor([2, 0, 2, 0, 1, 0]), torch.arange(6)
    after = by_kind(before, kinds, arguments, (None, lambda group, _: group.bitwise_not(),
                                               lambda group, places: group * 0 + places.byte()[:, None, None, None]))
    assert torch.equal(after[[1, 3, 5]], before[[1, 3, 5]]) and torch.equal(after[4], ~before[4])
    assert after[0].unique().tolist() == [0] and after[2].unique().tolist() == [2]


def test_every_augmentation_names_a_policy_there_is() -> None:
    assert {row.policy for row in AUGMENTATIONS.values()} - {""} == set(POLICIES)
