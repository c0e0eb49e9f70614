"""Attention rollout (Abnar & Zuidema 2020) and Grad-CAM: which parts of a picture determine a prediction."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from timm.layers import AttentionPoolLatent
from torch import Tensor, nn

from engine.errors import UserError
from engine.explain.feature_map import FeatureMap, cut_at, last_feature_map


@torch.no_grad()
def attention_rollout(model: nn.Module, pictures: Tensor) -> Tensor | None:
    """Multiply the attention of all layers, averaged over heads, with half of each layer passed straight through.

    The result is read where the classifier reads: the attention pool, the mean of the patches, or the class token. It
    is the same for all classes.

    Args:
        pictures: float32 [B, C, S, S].

    Returns:
        float32 [B, side, side]; None unless every layer attends from every token to every other.
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
    """Return the rows that the classifier reads, averaged: float [B, tokens]."""
    if pool:
        query, key = pool
        read = (query @ key.transpose(-2, -1)).softmax(-1).mean((1, 2))
        return (read[:, None] @ rolled[:, -read.shape[1]:])[:, 0]  # some pools omit the prefix
    if prefix and getattr(model, "global_pool", "token") in ("token", ""):
        return rolled[:, 0]
    return rolled[:, prefix:].mean(1)


@contextmanager
def _attention(model: nn.Module) -> Iterator[list[Tensor]]:
    """Yield the attention probabilities [B, heads, to, from] of each layer as it runs. They pass through the layer's
    ``attn_drop``, except with timm's fused attention, which is therefore turned off."""
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
    """Yield the scaled queries and the keys [B, heads, tokens, width] of an attention pool; nothing without one."""
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


def gradcam(model: nn.Module, pictures: Tensor, labels: Tensor, where: FeatureMap) -> Tensor:
    """Weight each channel of the map by the mean gradient of the class score, and return the ReLU of the sum.

    Args:
        pictures: float32 [B, C, S, S].
        labels: int64 [B], the class to explain for each picture.

    Returns:
        float32 [B, side, side], at least 0.
    """
    kept: list[Tensor] = []
    handle = cut_at(model, where, kept)
    try:
        with torch.enable_grad():
            score = model(pictures).gather(1, labels[:, None]).sum()
            (gradient,) = torch.autograd.grad(score, kept)
    finally:
        handle.remove()
    weights = where.cells(gradient).mean((2, 3), keepdim=True)
    return (weights * where.cells(kept[0].detach())).sum(1).relu()


@dataclass(frozen=True)
class Explanation:
    """A model's predictions for some pictures, with maps that explain them.

    Attributes:
        logits: float32 [B, K].
        maps: float32 [B, side, side], each from 0 to 1; all 0 if no part supports the class.
        method: description of the method and its source, for the user.
    """

    logits: Tensor
    maps: Tensor
    method: str


def explain(model: nn.Module, pictures: Tensor, label: int | None = None) -> Explanation:
    """Explain the predictions of a model in eval mode.

    Args:
        pictures: float32 [B, C, S, S], normalised.
        label: the class to explain; None: each picture's predicted class.

    Raises:
        UserError: the model has neither attention nor a suitable feature map.
    """
    with torch.no_grad():
        logits = model(pictures)
    maps = attention_rollout(model, pictures)
    if maps is not None:
        return Explanation(logits, _scaled(maps), f"Attention rollout, {maps.shape[-1]}×{maps.shape[-1]} patches")
    where = last_feature_map(model, pictures[:1])
    if where is None:
        raise UserError("this model cannot be explained: it has neither attention nor a feature map of its pictures")
    labels = logits.argmax(1) if label is None else torch.full((len(pictures),), label)
    maps = gradcam(model, pictures, labels, where)
    return Explanation(logits, _scaled(maps), f"Grad-CAM at {where.module}, {where.side}×{where.side} cells")


def _scaled(maps: Tensor) -> Tensor:
    """Scale each map to 0–1, subtracting its minimum, since attention is never 0."""
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return (maps - low) / (high - low).clamp_min(torch.finfo(maps.dtype).tiny)
