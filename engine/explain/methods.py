"""Attention rollout (Abnar & Zuidema 2020): how much of each patch reaches what the classifier reads."""

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


def gradcam(model: nn.Module, pictures: Tensor, labels: Tensor, where: FeatureMap) -> Tensor:
    """Each channel of the map, weighted by the mean gradient of the class's score with respect to it; ReLU of the sum.

    Args:
        pictures: float32 [B, C, S, S].
        labels: int64 [B], the class to explain of each picture.

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
    """What a model said of some pictures, and where it looked.

    Attributes:
        logits: float32 [B, K].
        maps: float32 [B, side, side], each from 0 to 1; all 0 where nothing spoke for the class.
        method: which method drew the maps, and from what, for a person.
    """

    logits: Tensor
    maps: Tensor
    method: str


def explain(model: nn.Module, pictures: Tensor, label: int | None = None) -> Explanation:
    """Explain a model in eval mode.

    Args:
        pictures: float32 [B, C, S, S], normalised.
        label: the class to explain; None: the one that each picture was taken for.

    Raises:
        UserError: the model has neither attention nor a map that could be drawn on a picture.
    """
    with torch.no_grad():
        logits = model(pictures)
    maps = attention_rollout(model, pictures)
    if maps is not None:
        return Explanation(logits, _scaled(maps), f"Attention rollout, {maps.shape[-1]}×{maps.shape[-1]} patches")
    where = last_feature_map(model, pictures[:1])
    if where is None:
        raise UserError("this model has no feature map that could be laid over a picture")
    labels = logits.argmax(1) if label is None else torch.full((len(pictures),), label)
    maps = gradcam(model, pictures, labels, where)
    return Explanation(logits, _scaled(maps), f"Grad-CAM at {where.module}, {where.side}×{where.side} cells")


def _scaled(maps: Tensor) -> Tensor:
    """Each map from 0 to 1; the lowest is taken off, because attention is nowhere nothing."""
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return (maps - low) / (high - low).clamp_min(torch.finfo(maps.dtype).tiny)
