"""The views of a test, and what its scales mean in words."""

from __future__ import annotations

import pytest

from engine.catalog.augmentations import scale_range
from engine.config import parse_config
from engine.data import views as module
from engine.data.views import View, parse_scales, views
from engine.errors import ConfigError


def test_every_scale_and_its_mirror_image() -> None:
    assert views("none", (), True) == [View()]
    assert views("flip", (), True) == [View(0, False), View(0, True)]
    assert views("flip", (36, 40), True) == [View(36), View(36, True), View(40), View(40, True)]
    assert views("none", (36,), False) == [View(36)]
    with pytest.raises(ConfigError, match="tta: 'flip'"):
        views("flip", (), False)


@pytest.mark.parametrize(("text", "scales"), [
    ("", ()), ("36", (36,)), ("36+40+44", (36, 40, 44)), (" 40, 36 ,40", (40, 36))])
def test_scales(text: str, scales: tuple[int, ...]) -> None:
    assert parse_scales(text) == scales


@pytest.mark.parametrize("text", ["36+", "0", "a", "36-40", "-3", "12345", "3.5"])
def test_what_is_no_scale(text: str) -> None:
    with pytest.raises(ConfigError, match="test_scale"):
        parse_scales(text)


@pytest.mark.parametrize(("text", "scales"), [("36", (36, 36)), ("36-44", (36, 44)), (" 36 – 44 ", (36, 44))])
def test_ranges(text: str, scales: tuple[int, int]) -> None:
    assert scale_range(text) == scales


@pytest.mark.parametrize("text", ["", "0", "44-36", "36-", "36-44-50", "36,44", "x", "٣٦-"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ConfigError, match="train_scale"):
        scale_range(text)


def test_a_scaled_recipe_is_tested_in_the_middle_of_its_range() -> None:
    assert module.testing_scales("", "vgg", "36-44") == (40,)
    assert module.testing_scales("", "vgg", "36") == (36,)
    assert module.testing_scales("36+44", "vgg", "36-44") == (36, 44)
    assert module.testing_scales("", "weak", "36-44") == ()


@pytest.mark.parametrize(("options", "key"), [
    ({"augmentation": "vgg", "train_scale": "30-36"}, "train_scale"),
    ({"augmentation": "vgg", "train_scale": "wide"}, "train_scale"),
    ({"augmentation": "vgg", "image_size": 64}, "train_scale"),
    ({"test_scale": "big"}, "test_scale"), ({"tta": "flip", "dataset": "Digits"}, "tta"),
])
def test_configs_are_refused_before_they_are_queued(options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config({"dataset": "CIFAR10"} | options)
    assert refused.value.key == key
