"""Attention rollout (Abnar & Zuidema 2020): how much of each patch reaches what the classifier reads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from timm.layers import AttentionPoolLatent
from torch import Tensor, nn


@torch.no_grad()
def attention_rollout(model: nn.Module, pictures: Tensor) -> Tensor | None:
    """The product of all layers' attention, its heads averaged, half of each layer passing straight through.

    It is read at what the classifier reads: the attention pool, the mean of the patches, or the class token. It is the
    same for all classes.

    Args:
        pictures: float32 [B, C, S, S].

    Returns:
        float32 [B, side, side]; None for a model that is not all layers that attend from every token to every other.
    """
    with _attention(model) as layers, _pool_attention(model) as pool:
        model(pictures)
    blocks = len(getattr(model, "blocks", ()))
    if not layers or len(layers) != blocks or any(layer.ndim != 4 or layer.shape != layers[0].shape
                                                  for layer in layers):
        return None
    count, _, tokens, attended = layers[0].shape
    prefix = int(getattr(model, "num_prefix_tokens", 0))
    side = math.isqrt(max(tokens - prefix, 0))
    if count != len(pictures) or tokens != attended or side < 2 or side**2 + prefix != tokens:
        return None
    rolled = torch.eye(tokens).expand(count, tokens, tokens)
    for layer in layers:
        mixed = layer.float().mean(1) + torch.eye(tokens)
        rolled = mixed / mixed.sum(-1, keepdim=True) @ rolled
    return _read(model, rolled, pool, prefix)[:, prefix:].reshape(count, side, side)


def _read(model: nn.Module, rolled: Tensor, pool: list[Tensor], prefix: int) -> Tensor:
    """float [B, tokens]: the rows that the classifier reads, as one."""
    if pool:
        query, key = pool
        read = (query @ key.transpose(-2, -1)).softmax(-1).mean((1, 2))
        return (read[:, None] @ rolled[:, -read.shape[1]:])[:, 0]  # some pools leave the prefix out
    if prefix and getattr(model, "global_pool", "token") in ("token", ""):
        return rolled[:, 0]
    return rolled[:, prefix:].mean(1)


@contextmanager
def _attention(model: nn.Module) -> Iterator[list[Tensor]]:
    """Attention probabilities [B, heads, to, from] of each layer that runs.

    timm's fused attention never has them; without it they pass through the layer's ``attn_drop``.
    """
    kept: list[Tensor] = []
    layers: list[Any] = [module for module in model.modules() if hasattr(module, "fused_attn")
                         and isinstance(getattr(module, "attn_drop", None), nn.Module)]
    fused = [layer.fused_attn for layer in layers]
    handles = [layer.attn_drop.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
               for layer in layers]
    try:
        for layer in layers:
            layer.fused_attn = False
        yield kept
    finally:
        for layer, before in zip(layers, fused, strict=True):
            layer.fused_attn = before
        for handle in handles:
            handle.remove()


@contextmanager
def _pool_attention(model: nn.Module) -> Iterator[list[Tensor]]:
    """The scaled queries and the keys [B, heads, tokens, width] of an attention pool; nothing without one."""
    kept: list[Tensor] = []
    pool: Any = getattr(model, "attn_pool", None)
    if not isinstance(pool, AttentionPoolLatent):
        yield kept
        return
    handles = [
        pool.q_norm.register_forward_hook(lambda _module, _inputs, output: kept.append(pool.scale * output)),
        pool.k_norm.register_forward_hook(lambda _module, _inputs, output: kept.append(output))]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()
