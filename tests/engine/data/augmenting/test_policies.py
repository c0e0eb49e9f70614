"""Operations and policies on whole batches against torchvision's on each picture alone, with the same draws."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data.augmenting.operations import apply_by_kind
from engine.data.augmenting.policies import NAMES, POLICIES, Policy
from engine.data.augmenting.recipe import Canvas

PEERS = {"trivial": v2.TrivialAugmentWide, "rand": v2.RandAugment}


def pictures(count: int, size: int, channels: int) -> Tensor:
    """uint8 [count, channels, size, size]: noise, gradients of low contrast, and one level only, in turn."""
    random = torch.Generator().manual_seed(count)
    noise = torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8, generator=random)
    slope = torch.rand(count, channels, 1, 1, generator=random) * torch.arange(size) * 3
    smooth = (torch.rand(count, channels, 1, 1, generator=random) * 150 + slope).byte()
    flat = noise[:, :, :1, :1].expand_as(noise)
    kinds = (torch.arange(count) % 3)[:, None, None, None]
    return torch.where(kinds == 0, noise, torch.where(kinds == 1, smooth, flat)).contiguous()


def every_draw(name: str, size: int = 32, *, mirrors: bool = True, repeats: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Every operation, bin and sign, once for each kind of picture: the operations, their arguments, and the bins and
    signs as 2 · bin + sign; all [N, 1]."""
    table = POLICIES[name].arguments(Canvas(size, 3, mirrors))
    kinds, bins, signs = (torch.arange(length) for length in table.shape)
    each = torch.cartesian_prod(kinds, bins, signs).repeat_interleave(repeats, 0)
    kinds, bins, signs = each[:, :, None].unbind(1)
    return kinds, table[kinds, bins, signs], 2 * bins + signs


def alone(name: str, picture: Tensor, kind: int, code: int) -> Tensor:
    """One picture through torchvision's own table of magnitudes and its own operation."""
    peer: Any = PEERS[name]()
    magnitudes, signed = peer._AUGMENTATION_SPACE[NAMES[kind]]
    table = magnitudes(31, picture.shape[-2], picture.shape[-1])
    magnitude = 0.0 if table is None else float(table[POLICIES[name].bins[code // 2]])
    changed: Tensor = peer._apply_image_or_video_transform(
        picture, NAMES[kind], -magnitude if signed and code % 2 else magnitude, peer.interpolation, peer._fill)
    return changed


def drawn(name: str, count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    return Policy(name).draw(count, Canvas(32, 3, True), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("name", "size", "channels"), [
    ("trivial", 32, 3), ("trivial", 28, 1), ("trivial", 9, 3), ("rand", 64, 3), ("rand", 32, 1)])
def test_every_operation_gives_the_bits_that_torchvision_gives(name: str, size: int, channels: int) -> None:
    kinds, arguments, codes = every_draw(name, size)
    before = pictures(len(codes), size, channels)
    after = Policy(name).apply(before, (kinds, arguments))
    for picture, changed, kind, code in zip(before, after, kinds.flatten().tolist(), codes.flatten().tolist(),
                                            strict=True):
        assert torch.equal(changed, alone(name, picture, kind, code)), NAMES[kind]


@pytest.mark.parametrize("name", PEERS)
def test_the_operations_are_torchvision_s(name: str) -> None:
    assert tuple(POLICIES[name].magnitudes(32)) == NAMES == tuple(PEERS[name]._AUGMENTATION_SPACE)
    peer = v2.RandAugment()
    assert (POLICIES["rand"].stages, POLICIES["rand"].bins) == (peer.num_ops, (peer.magnitude,))


def test_two_stages_follow_each_other() -> None:
    before, (kinds, arguments) = pictures(60, 32, 3), drawn("rand", 60, 1)
    table = POLICIES["rand"].arguments(Canvas(32, 3, True))
    after = Policy("rand").apply(before, (kinds, arguments))
    for picture, changed, ours, theirs in zip(before, after, kinds.tolist(), arguments.tolist(), strict=True):
        for kind, argument in zip(ours, theirs, strict=True):
            picture = alone("rand", picture, kind, table[kind, 0].tolist().index(argument))
        assert torch.equal(changed, picture)


@pytest.mark.parametrize("name", PEERS)
def test_every_operation_bin_and_sign_is_drawn_equally_often(name: str) -> None:
    from scipy.stats import chisquare

    expected, arguments, _ = every_draw(name, repeats=1)
    each, times = torch.cat((expected.double(), arguments), 1).unique(dim=0, return_counts=True)
    found = drawn(name, 40_000)
    assert [part.shape for part in found] == [(40_000, POLICIES[name].stages)] * 2
    for kinds, chosen in zip(*(part.unbind(1) for part in found), strict=True):
        seen, counts = torch.stack((kinds.double(), chosen), 1).unique(dim=0, return_counts=True)
        assert torch.equal(seen, each)
        assert chisquare(counts.numpy(), 40_000 * (times.double() / times.sum()).numpy()).pvalue > 1e-3


def test_pictures_that_must_not_be_mirrored_are_turned_by_30_degrees_at_most() -> None:
    for mirrors, most in ((True, 135.0), (False, 30.0)):
        kinds, degrees, _ = every_draw("trivial", mirrors=mirrors)
        turned = degrees[kinds == NAMES.index("Rotate")]
        assert (float(turned.min()), float(turned.max())) == (-most, most)


def test_what_a_policy_is_given_stays_as_it_is() -> None:
    before = pictures(64, 32, 3)
    kept = before.clone()
    Policy("trivial").apply(before, drawn("trivial", 64))
    assert torch.equal(before, kept)


def test_pictures_of_no_kind_stay_and_keep_their_places() -> None:
    before = pictures(6, 4, 1)
    kinds, arguments = torch.tensor([2, 0, 2, 0, 1, 0]), torch.arange(6)
    after = apply_by_kind(before, kinds, arguments, (None, lambda group, _: group.bitwise_not(),
                                                     lambda group, at: group * 0 + at.byte()[:, None, None, None]))
    assert torch.equal(after[[1, 3, 5]], before[[1, 3, 5]]) and torch.equal(after[4], ~before[4])
    assert after[0].unique().tolist() == [0] and after[2].unique().tolist() == [2]


def test_every_policy_is_of_an_augmentation() -> None:
    rows = [row for augmentation in AUGMENTATIONS.values() for row in augmentation.operations]
    assert {row.settings["name"] for row in rows if "name" in row.settings} == set(POLICIES)
