"""Rectangles of whole batches: int64 [B, 4], each left, top, right and bottom in pixels, the last two exclusive."""

from __future__ import annotations

import torch
from torch import Tensor


def inside(boxes: Tensor, size: int) -> Tensor:
    """bool [B, size, size]: which pixels of a square picture lie in its rectangle."""
    places = torch.arange(size, device=boxes.device)
    lefts, tops, rights, bottoms = boxes[:, :, None].unbind(1)
    columns, rows = (places >= lefts) & (places < rights), (places >= tops) & (places < bottoms)
    return rows[:, :, None] & columns[:, None, :]
