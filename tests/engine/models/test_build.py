"""Models are built for the pictures there are, or refused in one line."""

import pytest
import torch

from engine.errors import ConfigError
from engine.models.build import build_model, check_size


@pytest.mark.parametrize(("name", "size"), [("tinyvgg_a", 32), ("test_resnet", 32), ("test_vit", 64)])
def test_built_models_take_grey_pictures_of_the_size_and_give_logits(name: str, size: int) -> None:
    check_size(name, channels=1, size=size)
    model = build_model(name, classes=5, channels=1, size=size).eval()
    assert model(torch.zeros(2, 1, size, size)).shape == (2, 5)


@pytest.mark.parametrize(("name", "size", "words"), [
    ("tinyvgg_a", 16, "at least 32"), ("vit_small_patch16_224", 100, "multiple of 16"),
    ("inception_v3", 16, "image_size")])
def test_pictures_too_small_are_refused_in_one_line(name: str, size: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        check_size(name, channels=3, size=size)
    assert "\n" not in str(caught.value) and str(size) in str(caught.value)
