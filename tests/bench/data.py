"""The data path alone: augmented 32×32×3 pictures in batches of 128, ready for the model."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from engine.catalog.augmentations import AUGMENTATIONS
from engine.data.batches import TrainBatches
from tests.bench.persample import BATCH, MEAN, STD, coloured_pictures, per_sample_loader, strong, timm_loader, vgg
from tests.bench.row import BenchRow
from tests.bench.turns import Arm, pictures_arm, speed_row, take_turns

_OURS, _PEERS, _ROUNDS = 20_000, 1_280, 7
_SCALES = 36, 44


def rows() -> list[BenchRow]:
    """Pictures per CPU second against a per-sample DataLoader and against timm's loader, one thread."""
    torch.set_num_threads(1)
    images, targets = coloured_pictures(_OURS)
    few = images[:_PEERS], targets[:_PEERS]
    weak, plain, timm, strongly, strong_peer, scaled, vgg_peer = take_turns(
        [_ours("weak", images, targets), pictures_arm(per_sample_loader(*few).__iter__),
         pictures_arm(timm_loader(*few).__iter__),
         _ours("strong", images, targets), pictures_arm(per_sample_loader(*few, strong()).__iter__),
         _ours("vgg", images, targets), pictures_arm(per_sample_loader(*few, vgg(*_SCALES)).__iter__)], _ROUNDS)
    return [speed_row("weak data path against per-sample transforms", weak, plain, 20.0),
            speed_row("weak data path against timm's loader", weak, timm, 1.0),
            speed_row("strong data path against per-sample TrivialAugment, jitter and erasing", strongly, strong_peer,
                      4.0),
            speed_row("vgg data path, S from 36 to 44, against per-sample transforms", scaled, vgg_peer, 4.0)]


def _ours(name: str, images: NDArray[np.uint8], targets: NDArray[np.int64]) -> Arm:
    batches = TrainBatches(
        images, targets, batch_size=BATCH, augmentation=AUGMENTATIONS[name], size=32, mean=MEAN, std=STD, seed=0,
        device="cpu", channels_last=True, flips=True, train_scale=_SCALES)
    return pictures_arm(lambda: batches.epoch(0))
