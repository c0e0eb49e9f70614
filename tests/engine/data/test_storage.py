"""What is decided of a set's pictures from their shape is how they are kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data import storage
from engine.data.batches import TrainBatches
from tests.engine.data.test_batches import MEAN, STD, images


@pytest.mark.parametrize(("augmentation", "side", "flips", "scales", "shape"), [
    ("default", 32, True, None, (50, 32, 32, 3)),
    ("default", 48, True, None, (50, 32, 32, 3)),
    ("weak", 32, True, None, (100, 40, 40, 3)),
    ("weak", 32, False, None, (50, 40, 40, 3)),
    ("strong", 16, True, None, (100, 40, 40, 3)),
    ("vgg", 32, True, (36, 36), (50, 36, 36, 3)),
    ("vgg", 32, True, (36, 44), (50, 32, 32, 3)),
])
def test_training_pictures_are_kept_as_decided(
    augmentation: str, side: int, flips: bool, scales: tuple[int, int] | None, shape: tuple[int, ...],
) -> None:
    pictures, recipe = images(50, side), AUGMENTATIONS[augmentation]
    made = TrainBatches(pictures, np.arange(50), batch_size=16, augmentation=recipe, size=32, mean=MEAN, std=STD,
                        seed=0, device="cpu", channels_last=False, flips=flips, train_scale=scales)
    how = storage.plan_storage(pictures.shape, size=32, padding=storage.scaled_padding(recipe, 32),
                               flips=recipe.flip and flips, scales=scales)
    kept = {tuple(found.shape) for found in vars(made._windows).values() if isinstance(found, torch.Tensor)}
    assert kept == {how.shape} == {shape}


def test_a_set_beyond_its_budget_is_padded_but_not_mirrored_or_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def shape(side: int) -> tuple[int, ...]:
        return storage.plan_storage((50, side, side, 3), size=32, padding=4, flips=True, scales=None).shape

    monkeypatch.setattr(storage, "MIRRORED_BUDGET", 2 * 50 * 40 * 40 * 3 - 1)
    assert shape(32) == shape(64) == (50, 40, 40, 3)
    monkeypatch.setattr(storage, "RESIZED_BUDGET", 50 * 32 * 32 * 3 - 1)
    assert shape(32) == (50, 40, 40, 3) and shape(64) == (50, 64, 64, 3)
