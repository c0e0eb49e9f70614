"""500×375 JPEGs: RandomResizedCrop to 224, flip, normalise, in batches of 64 ready for the model."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from engine.config import parse_config
from engine.data import load_dataset
from engine.data.batches import TrainBatches
from engine.data.photographs.keeping import stores_folder
from engine.training.classification import batches_of
from engine.training.machine import keep_freed_memory
from engine.training.objective import InputFormat
from tests.bench.row import BenchRow
from tests.bench.turns import pictures_arm, speed_row, take_turns

PICTURES = "DARKROOM_BENCH_PICTURES"
"""The environment variable for a folder of pictures that are re-encoded; without it, smooth noise is."""

_COUNT, _BATCH, _SIZE, _ROUNDS = 384, 64, 224, 5
_MEAN = _STD = (0.5, 0.5, 0.5)


def rows() -> list[BenchRow]:
    """Pictures per CPU second against torchvision's ImageFolder with a DataLoader and against timm's loader, all
    without worker processes, which would cost the peers more, and with the same allocator."""
    torch.set_num_threads(1)
    keep_freed_memory()
    with tempfile.TemporaryDirectory(prefix="darkroom-jpegs-") as place:
        folder = _jpegs(Path(place))
        first, later, torchvision, timm = take_turns(
            [partial(_first_epoch, folder), pictures_arm(lambda: _ours(folder).epoch(1)),
             pictures_arm(_torchvision(folder).__iter__), pictures_arm(partial(_timm, folder))], _ROUNDS)
    return [speed_row("photographs, first epoch, which keeps them, against torchvision", first, torchvision, 1.5),
            speed_row("photographs, later epochs against torchvision", later, torchvision, 5.0),
            speed_row("photographs, later epochs against timm's loader", later, timm, 4.0)]


def _jpegs(place: Path) -> Path:
    given = os.environ.get(PICTURES, "")
    files = [file for file in sorted(Path(given).rglob("*.[pjPJ][npNP]*[gG]")) if 15_000 < file.stat().st_size < 400_000
             and not file.is_symlink()] if given else []
    for number in range(_COUNT):
        picture = Image.open(files[number * len(files) // _COUNT]) if files else _noise(number)
        target = place / f"class{number % 4}" / f"{number:04}.jpg"
        target.parent.mkdir(exist_ok=True)
        picture.convert("RGBA").convert("RGB").resize((500, 375), Image.Resampling.BICUBIC).save(target, quality=90)
    return place


def _noise(seed: int) -> Image.Image:
    few = np.random.RandomState(seed).randint(0, 256, (36, 48, 3), np.uint8)
    return Image.fromarray(few).resize((500, 375), Image.Resampling.BICUBIC)


def _ours(folder: Path) -> TrainBatches:
    config = parse_config({"dataset": "folder", "data_path": f"{folder}", "model": "resnet18", "image_size": _SIZE,
                           "augmentation": "imagenet", "batch_size": _BATCH})
    dataset = load_dataset("folder", config.data_path)
    return batches_of(config, dataset, InputFormat(_SIZE, _MEAN, _STD, torch.device("cpu"), True)).train


def _first_epoch(folder: Path) -> float:
    shutil.rmtree(stores_folder(), ignore_errors=True)
    return pictures_arm(partial(_ours(folder).epoch, 0))()


def _torchvision(folder: Path) -> DataLoader[Any]:
    steps = transforms.Compose([transforms.RandomResizedCrop(_SIZE), transforms.RandomHorizontalFlip(),
                                transforms.ToTensor(), transforms.Normalize(_MEAN, _STD)])
    return DataLoader(ImageFolder(str(folder), steps), batch_size=_BATCH, shuffle=True, num_workers=0)


def _timm(folder: Path) -> Iterable[Any]:
    """timm's training transforms and collation; its prefetcher's normalisation, which needs a GPU, is done here."""
    from timm.data import create_dataset, create_transform
    from timm.data.loader import fast_collate

    dataset = create_dataset("", str(folder))
    dataset.transform = create_transform(_SIZE, is_training=True, color_jitter=None, auto_augment=None,
                                         interpolation="bilinear", use_prefetcher=True)
    for pictures, targets in DataLoader(dataset, batch_size=_BATCH, shuffle=True, collate_fn=fast_collate):
        yield pictures.float().sub_(127.5).div_(127.5), targets
