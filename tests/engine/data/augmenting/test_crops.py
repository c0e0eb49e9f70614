"""Random crops against torchvision's RandomResizedCrop."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import v2

from engine.data.augmenting.crops import RandomCrop

SIZES = [(256, 341), (341, 256), (256, 256), (40, 900)]


@pytest.mark.parametrize("size", SIZES)
def test_crops_have_the_distribution_of_torchvisions(size: tuple[int, int]) -> None:
    count = 3000
    ours = RandomCrop().draw(torch.tensor([size] * count), torch.Generator().manual_seed(1)).double()
    torch.manual_seed(2)
    drawn = [v2.RandomResizedCrop(8).make_params([torch.empty(3, *size)]) for _ in range(count)]
    theirs = torch.tensor([[each[key] for key in ("top", "left", "height", "width")] for each in drawn]).double()
    for one, other in zip(ours.unbind(1), theirs.unbind(1), strict=True):
        error = ((one.var() + other.var()) / count).sqrt()
        assert abs(one.mean() - other.mean()) <= 4 * error
        assert abs(one.std() - other.std()) <= 0.1 * other.std()


@pytest.mark.parametrize("size", SIZES)
def test_crops_lie_in_the_picture_and_keep_to_scale_and_ratio(size: tuple[int, int]) -> None:
    crop = RandomCrop((0.3, 0.5), (0.5, 2.0))
    tops, lefts, heights, widths = crop.draw(torch.tensor([size] * 500), torch.Generator().manual_seed(3)).unbind(1)
    assert (tops >= 0).all() and (tops + heights <= size[0]).all()
    assert (lefts >= 0).all() and (lefts + widths <= size[1]).all()
    ratios, areas = widths / heights, widths * heights / (size[0] * size[1])
    assert ((ratios > 0.48) & (ratios < 2.1)).all() and (areas < 0.52).all()
    if size != (40, 900):  # a crop of this picture would be higher than it is
        assert (areas > 0.28).all()


def test_what_no_crop_fits_into_is_cropped_at_its_centre_as_by_torchvision() -> None:
    crop = RandomCrop((1.0, 1.0), (0.75, 1.25))
    for size in ((10, 100), (100, 10)):
        [found] = crop.draw(torch.tensor([size]), torch.Generator().manual_seed(0)).tolist()
        theirs = v2.RandomResizedCrop(8, (1.0, 1.0), (0.75, 1.25)).make_params([torch.empty(3, *size)])
        assert found == [theirs[key] for key in ("top", "left", "height", "width")]
