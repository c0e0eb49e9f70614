"""Names, sizes and the index of timm's models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.catalog.models import check_model, has_batch_norm, input_size, model_row, models
from engine.home import ROOT
from engine.models.build import build_model


def test_all_of_timm_and_our_own_are_there() -> None:
    import timm

    assert set(timm.list_models()) <= set(models())
    assert next(iter(models())) == "tinyvgg_a"
    assert models()["resnet18"].family == "resnet"


def test_spelling_is_forgiven_in_case_only() -> None:
    assert check_model("ResNet18") == "resnet18" and check_model("TinyVGG_A") == "tinyvgg_a"
    assert model_row("resnet18.a1_in1k").family == "resnet"
    with pytest.raises(ValueError, match="nearest: resnet18"):
        check_model("resnet_18")


@pytest.mark.parametrize(("model", "data", "asked", "size", "resized"), [
    ("tinyvgg_a", 8, 0, 32, True), ("tinyvgg_a", 32, 0, 32, False), ("resnet18", 28, 0, 32, True),
    ("resnet18", 64, 0, 64, False), ("resnet18", 32, 48, 48, True), ("vit_small_patch16_224", 32, 0, 224, True),
])
def test_the_size_is_what_was_asked_or_what_the_model_needs(
    model: str, data: int, asked: int, size: int, resized: bool,
) -> None:
    found, note = input_size(model, data, asked)
    assert found == size and bool(note) == resized


def test_own_models_are_known_without_asking_timm_or_importing_torch(home: Path) -> None:
    code = "import sys; from engine.catalog.models import check_model; check_model('tinyvgg_a'); " \
           "sys.exit('torch' in sys.modules or 'timm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
    assert not (home / "artifacts" / "cache").exists()


MODELS = ("tinyvgg_a", "tinyvgg_v4", "resnet18", "vgg11", "vgg11_bn", "convnext_atto", "vit_tiny_patch16_224",
          "vit_tiny_r_s16_p8_224", "efficientnet_b0", "efficientnet_b0_gn", "resnetv2_50d_gn", "mobilenetv3_small_050",
          "levit_128s", "mixer_s32_224", "maxxvit_rmlp_nano_rw_256", "coatnet_nano_rw_224")


@pytest.mark.parametrize("name", MODELS)
def test_batch_norm_is_known_by_name(name: str) -> None:
    row = model_row(name)
    with torch.device("meta"):
        model = build_model(name, classes=10, channels=3, size=row.size)
    layers = any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in model.modules())
    assert has_batch_norm(name, row.family) is layers
