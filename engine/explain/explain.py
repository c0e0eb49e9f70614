"""Where a model looked: attention rollout where it attends from everywhere to everywhere, else Grad-CAM."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.errors import UserError
from engine.explain.feature_map import last_feature_map
from engine.explain.gradcam import gradcam
from engine.explain.rollout import attention_rollout


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
