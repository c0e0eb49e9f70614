"""What is said of a model's batch norm is what its layers are."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.catalog.models import model_row
from engine.catalog.norms import has_batch_norm
from engine.models.build import build_model

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
