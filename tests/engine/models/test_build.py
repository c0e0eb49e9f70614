"""Models are built for the pictures there are, or refused in one line."""

from __future__ import annotations

import pytest
import torch
from torch import nn

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


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet26d", "seresnext26d_32x4d", "test_resnet"])
def test_a_resnet_begins_with_a_3x3_of_stride_1_and_no_pool(name: str) -> None:
    with torch.device("meta"):
        model = build_model(name, classes=10, channels=1, size=32, stem="cifar")
        first = model.get_submodule("conv1")
        assert isinstance(first, nn.Conv2d) and isinstance(model.get_submodule("maxpool"), nn.Identity)
        assert (first.kernel_size, first.stride, first.padding) == ((3, 3), (1, 1), (1, 1))
        assert (first.in_channels, first.bias) == (1, None)
        seen: list[torch.Size] = []
        model.get_submodule("layer1").register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[2:]))
        assert model(torch.empty(2, 1, 32, 32)).shape == (2, 10)
    assert seen == [(32, 32)]


def test_resnet18_has_the_parameters_counted_by_hand() -> None:
    counts = {stem: sum(parameter.numel() for parameter in build_model(
        "resnet18", classes=10, channels=3, size=32, stem=stem).parameters()) for stem in ("standard", "cifar")}
    assert counts["standard"] - counts["cifar"] == 64 * 3 * (7 * 7 - 3 * 3)
    assert counts["cifar"] == 11_173_962


@pytest.mark.parametrize("name", ["test_vit", "convnext_atto", "efficientnet_b0", "tinyvgg_a", "vgg11"])
def test_a_model_without_such_a_stem_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"stem: 'cifar' is not .*{name}"):
        check_size(name, channels=3, size=64, stem="cifar")
