"""Grad-CAM (Selvaraju et al. 2017): which cells of a feature map speak for a class."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.explain.feature_map import FeatureMap, cut_at


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
