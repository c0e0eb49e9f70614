"""What the pictures of a run are said to take is what training and testing keep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import RunConfig, parse_config
from engine.costs.fit import predict_need
from engine.costs.keys import TRACKED
from engine.costs.pictures import PictureMemory, picture_memory, store_bytes
from engine.data import load_dataset
from engine.data.photographs.keeping import kept_stores
from engine.data.streaming import AHEAD, AT_ONCE, pieces_ahead
from engine.files import read_json
from engine.training.setup import prepare
from tests.engine.data import sources
from tests.engine.data.box_sources import many, voc
from tests.engine.data.photographs.jpegs import jpeg_folder

MB = 2**20
MEMORY = {"training": 100 * MB, "evaluation": 50 * MB, "process": 300 * MB, "source": TRACKED}


def tiny_imagenet(augmentation: str, **options: object) -> RunConfig:
    return parse_config({"dataset": "TinyImagenet", "model": "tinyvgg_a", "image_size": 64,
                         "augmentation": augmentation} | options)


@pytest.mark.parametrize(("config", "train", "copied"), [
    (tiny_imagenet("default"), 90_000 * 64**2 * 3, 0),
    (tiny_imagenet("weak"), 90_000 * 80**2 * 3, 90_000 * 64**2 * 3),
    (tiny_imagenet("strong"), 90_000 * 80**2 * 3, 90_000 * 64**2 * 3),
    (tiny_imagenet("weak", train_fraction=0.1), 2 * 9_000 * 80**2 * 3, 9_000 * 64**2 * 3),
], ids=["default", "weak", "strong", "a tenth"])
def test_only_what_is_learnt_from_is_padded_and_mirrored_and_only_within_its_budget(
    home: Path, config: RunConfig, train: int, copied: int,
) -> None:
    assert picture_memory(config) == PictureMemory(train + 2 * 10_000 * 64**2 * 3, train + copied, train)


def test_a_set_that_is_too_large_resized_stays_as_it_is(home: Path) -> None:
    config = parse_config({"dataset": "CIFAR10", "model": "resnet18", "image_size": 224, "augmentation": "weak"})
    found = picture_memory(config)
    assert found.on_device == found.making == 45_000 * 32**2 * 3
    assert found.kept == found.on_device + 5_000 * 224**2 * 3 + 10_000 * 32**2 * 3


@pytest.mark.parametrize("augmentation", ["default", "weak", "vgg"])
def test_a_real_run_holds_what_was_said(home: Path, augmentation: str) -> None:
    place = sources.arrays(home / "mine", train=400, test=40)
    config = parse_config({"dataset": "npy", "data_path": str(place), "num_classes": 10, "model": "tinyvgg_a",
                           "image_size": 32, "batch_size": 32, "device": "cpu", "augmentation": augmentation})
    load_dataset("npy", str(place))
    made = prepare(config, None, {})
    kept = made.train._windows._padded.nbytes
    assert picture_memory(config).on_device == kept
    assert picture_memory(config).kept == kept + made.validation._images.nbytes + 40 * 32**2 * 3


def test_freed_copies_are_used_again_on_the_cpu_and_a_gpu_holds_training_pictures_alone(home: Path) -> None:
    config = tiny_imagenet("weak")
    found, on_cpu = picture_memory(config), predict_need(config, MEMORY, "cpu").bytes
    assert on_cpu == predict_need(config, MEMORY | {"training": 200 * MB}, "cpu").bytes
    assert found.making + 300 * MB < on_cpu < found.making + 400 * MB
    plain = tiny_imagenet("default")
    assert predict_need(config, MEMORY, "cuda").bytes - predict_need(plain, MEMORY, "cuda").bytes == \
        90_000 * (80**2 - 64**2) * 3


@pytest.mark.parametrize("prepared", [False, True])
def test_of_pictures_that_stay_in_their_files_a_few_batches_are_held(
    home: Path, read_here: None, monkeypatch: pytest.MonkeyPatch, prepared: bool,
) -> None:
    monkeypatch.setattr("engine.data.readers.pictures.MEMORY_BUDGET", 1000)
    root = str(sources.class_folder(home / "pets", count=40))
    config = parse_config({"dataset": "folder", "data_path": root, "batch_size": 2, "image_size": 64})
    if prepared:
        assert load_dataset("folder", config.data_path).streamed
    batch = 2 * 3 * 12**2
    assert picture_memory(config) == PictureMemory((AHEAD + 2) * batch, 0, batch)


def test_of_photographs_the_next_two_batches_are_held_and_an_estimate_of_the_disk_is_close(home: Path) -> None:
    root = str(jpeg_folder(home / "mine"))
    config = parse_config({"dataset": "folder", "data_path": root, "batch_size": 4, "image_size": 32,
                           "augmentation": "imagenet"})
    before, estimate = picture_memory(config), store_bytes(config)
    run = prepare(config, None, {})
    list(run.train.epoch(0))
    assert picture_memory(config) == before == PictureMemory(
        (AT_ONCE * pieces_ahead(4) + 2 * 4) * 3 * 32**2, 0, 4 * 3 * 32**2)
    taken = sum(int(read_json(each.folder / "meta.json")["bytes"]) for each in kept_stores())
    assert taken * 16 / 12 == pytest.approx(estimate, rel=0.5)


def test_pictures_with_boxes_are_kept_as_they_were_decoded_while_they_fit(
    home: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = str(voc(home / "voc", many()))
    config = parse_config({"dataset": "voc", "data_path": root, "batch_size": 2, "image_size": 64})
    ahead = (AHEAD + 2) * 2 * 3 * 64**2
    assert picture_memory(config) == PictureMemory(20 * 3 * 64**2 + ahead, 0, 2 * 3 * 64**2)
    monkeypatch.setattr("engine.data.storage.RESIZED_BUDGET", 5 * 3 * 64**2)
    assert picture_memory(config).kept == ahead + np.prod((2 + 4, 3, 64, 64))
