"""Random erasing of whole batches against torchvision's functional, and its draws against torchvision's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from engine.data.augmenting.erasing import Erase
from engine.data.augmenting.recipe import Canvas

SIZE = 32
CANVAS = Canvas(SIZE, 3, True)


def drawn_by_torchvision(count: int) -> Tensor:
    """int64 [count, 2]: height and width, zero where nothing is erased."""
    torch.manual_seed(0)
    peer, picture = v2.RandomErasing(), torch.zeros(1, SIZE, SIZE)
    found = [peer.make_params([picture]) for _ in range(count)]
    return torch.tensor([[one["h"], one["w"]] if one["v"] is not None else [0, 0] for one in found])


@pytest.mark.parametrize("channels", [1, 3])
def test_erases_what_torchvision_erases(channels: int) -> None:
    pictures = torch.randn(100, SIZE, SIZE, channels)
    boxes = Erase(0.5).draw(100, CANVAS, torch.Generator().manual_seed(0))
    assert 25 < int((boxes[:, 2] > boxes[:, 0]).sum()) < 75
    expected = [functional.erase(picture.permute(2, 0, 1), top, left, bottom - top, right - left, torch.zeros(1, 1, 1))
                for picture, (left, top, right, bottom) in zip(pictures.clone(), boxes.tolist(), strict=True)]
    assert torch.equal(Erase(0.5).apply(pictures.permute(0, 3, 1, 2), boxes), torch.stack(expected))


def test_draws_as_torchvision_does() -> None:
    count = 4000
    boxes = Erase(1.0).draw(count, CANVAS, torch.Generator().manual_seed(0))
    sides = boxes[:, 2:] - boxes[:, :2]
    assert boxes.min() >= 0 and boxes.max() <= SIZE and sides.min() > 0 and sides.max() < SIZE
    from scipy.stats import ks_2samp

    theirs = drawn_by_torchvision(count)
    for ours, peer in ((sides[:, 1], theirs[:, 0]), (sides[:, 0], theirs[:, 1]), (sides.prod(1), theirs.prod(1))):
        assert ks_2samp(ours.numpy(), peer.numpy()).pvalue > 1e-3


def test_places_are_uniform() -> None:
    boxes = Erase(1.0).draw(20_000, CANVAS, torch.Generator().manual_seed(1))
    room = SIZE - (boxes[:, 2:] - boxes[:, :2])
    where = boxes[:, :2] / room
    assert (where.mean(0) - 0.5).abs().max() < 0.02
    assert (boxes[:, :2] == 0).any(0).all() and (boxes[:, 2:] == SIZE).any(0).all()


def test_never_and_always() -> None:
    for probability in (0.0, 1.0):
        boxes = Erase(probability).draw(500, CANVAS, torch.Generator().manual_seed(0))
        assert (boxes[:, 2:] > boxes[:, :2]).float().mean() == probability
