"""Attention rollout against timm's own way of extracting attention."""

from __future__ import annotations

import pytest
import timm
import torch
from timm.layers import set_fused_attn
from timm.utils import AttentionExtract
from torch import nn

from engine.explain.rollout import attention_rollout


def small_vit(**options: object) -> nn.Module:
    """Untrained, but with attention as uneven as a trained one's."""
    model: nn.Module = timm.create_model("vit_tiny_patch16_224", num_classes=4, img_size=32, patch_size=8,
                                         embed_dim=24, depth=3, num_heads=3, **options)
    for name, parameter in model.named_parameters():
        if name.endswith(("qkv.weight", "q.weight", "kv.weight", "patch_embed.proj.weight")):
            parameter.data.mul_(20)
    return model.eval()


@pytest.mark.parametrize(("options", "prefix"), [
    ({}, 1), ({"reg_tokens": 4}, 5), ({"class_token": False, "global_pool": "avg"}, 0)])
def test_it_is_the_product_of_the_layers_attention(options: dict[str, object], prefix: int) -> None:
    torch.manual_seed(0)
    model, pictures = small_vit(**options), torch.randn(2, 3, 32, 32)
    found = attention_rollout(model, pictures)
    set_fused_attn(False)
    try:
        plain = small_vit(**options)
    finally:
        set_fused_attn(True)
    plain.load_state_dict(model.state_dict())
    layers = AttentionExtract(plain, method="fx")(pictures).values()
    rolled = torch.eye(16 + prefix)
    for layer in layers:
        rolled = (0.5 * layer.mean(1) + 0.5 * torch.eye(16 + prefix)) @ rolled
    read = rolled[:, 0] if prefix else rolled.mean(1)
    assert found is not None
    assert torch.allclose(found.flatten(1), read[:, prefix:].detach(), atol=1e-5)
    assert found.std() > 1e-2


def test_an_attention_pool_says_what_it_reads() -> None:
    torch.manual_seed(0)
    model, pictures = small_vit(class_token=False, global_pool="map"), torch.randn(2, 3, 32, 32)
    by_pool = attention_rollout(model, pictures)
    with torch.no_grad():
        model.attn_pool.kv.weight[:24].zero_()  # all keys alike: the pool now reads the mean of the patches
        model.attn_pool.kv.bias[:24].zero_()
    by_mean = attention_rollout(model, pictures)
    model.attn_pool = None
    model.global_pool = "avg"
    expected = attention_rollout(model, pictures)
    assert by_pool is not None and by_mean is not None and expected is not None
    assert torch.allclose(by_mean, expected, atol=1e-5) and not torch.allclose(by_pool, expected, atol=1e-3)


def test_a_model_that_attends_in_windows_has_none() -> None:
    swin = timm.create_model("swin_tiny_patch4_window7_224", img_size=32, patch_size=2, window_size=4,
                             depths=(1, 1, 1, 1), embed_dim=24).eval()
    assert attention_rollout(swin, torch.randn(1, 3, 32, 32)) is None
