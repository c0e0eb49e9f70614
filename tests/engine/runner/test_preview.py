"""What the network sees, as pictures: exactly the batch that training gets."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.config import parse_config
from engine.data import load_dataset
from engine.data.mixing import Mixed
from engine.data.resize import resize
from engine.errors import UserError
from engine.runner.preview import FILE, denormalise, largest_shares, preview
from engine.training.setup import prepare


def _preview(folder: Path, epoch: int = 0, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = preview({"config": {"dataset": "Digits", **options}, "epoch": epoch, "folder": str(folder)})
    with np.load(folder / FILE) as arrays:
        return answer, dict(arrays)


def test_without_augmentation_the_pictures_are_the_ones_on_disk(home: Path) -> None:
    answer, arrays = _preview(home, image_size=32)
    dataset = load_dataset("Digits")
    originals = dataset.train_images[np.array(answer["ids"])]
    np.testing.assert_array_equal(arrays["originals"], originals)
    np.testing.assert_array_equal(arrays["seen"], resize(torch.from_numpy(originals), 32, 32).numpy())
    assert answer["labels"] == [[(dataset.classes[dataset.train_targets[place]], 1.0)] for place in answer["ids"]]
    assert answer["low"] == pytest.approx((0 - dataset.mean[0]) / dataset.std[0], abs=1e-5)
    assert answer["sources"] == [[place] for place in range(64)]


@pytest.mark.parametrize("options", [
    {"augmentation": "weak", "train_fraction": 0.5, "seed": 3},
    {"augmentation": "vgg", "train_scale": "36-44", "mixing": "both", "label_smoothing": 0.1},
    {"model": "test_resnet", "image_size": 32, "normalisation": "weights"},
])
def test_the_batch_is_the_one_that_training_gets(home: Path, options: dict[str, Any]) -> None:
    answer, arrays = _preview(home, epoch=2, **options)
    setup = prepare(parse_config({"dataset": "Digits", "device": "cpu", **options}), None, {})
    pictures, targets = next(islice(setup.train.epoch(2), 1))
    expected = denormalise(pictures, setup.resolved["mean"], setup.resolved["std"])
    np.testing.assert_array_equal(arrays["seen"], expected)
    assert answer["steps"] == setup.train.steps_per_epoch
    assert (answer["channel_mean"], answer["channel_std"]) == (setup.resolved["mean"], setup.resolved["std"])
    if isinstance(targets, Mixed):
        classes = load_dataset("Digits").classes
        soft = targets.soft(10, 0.1)
        for shares, label in zip(soft.tolist(), answer["labels"], strict=True):
            for name, share in label:
                if name != "others":
                    assert share == pytest.approx(shares[classes.index(name)], abs=1e-4)


def test_every_epoch_is_another(home: Path) -> None:
    assert _preview(home, epoch=0)[0]["ids"] == _preview(home, epoch=0)[0]["ids"]
    assert _preview(home, epoch=0)[0]["ids"] != _preview(home, epoch=1)[0]["ids"]


def test_sources_are_the_pictures_mixed_in_the_larger_share_first(home: Path) -> None:
    answer, arrays = _preview(home, mixing="cutmix")
    dataset = load_dataset("Digits")
    assert {len(places) for places in answer["sources"]} == {1, 2}
    for label, places in zip(answer["labels"], answer["sources"], strict=True):
        classes = [dataset.classes[dataset.train_targets[answer["ids"][at]]] for at in places]
        assert list(dict.fromkeys(classes)) == [name for name, _ in label]
        assert sum(share for _, share in label) == pytest.approx(1, abs=0.01)
    whole = [place for place, places in enumerate(answer["sources"]) if places == [place]]
    enlarged = resize(torch.from_numpy(arrays["originals"]), 32, 32).numpy()
    np.testing.assert_array_equal(arrays["seen"][whole], enlarged[whole])


def test_labels_are_named_largest_first_with_the_rest_as_others() -> None:
    classes = ("cat", "dog", "bird", "fish")
    assert largest_shares([0, 1, 0, 0], classes) == [("dog", 1.0)]
    assert largest_shares([0.28, 0.72, 0, 0], classes) == [("dog", 0.72), ("cat", 0.28)]
    assert largest_shares([0.025, 0.925, 0.025, 0.025], classes) == [("dog", 0.925), ("others", 0.075)]


def test_too_large_a_batch_is_one_line(home: Path) -> None:
    with pytest.raises(UserError, match="batch_size: 5000"):
        _preview(home, batch_size=5000)
