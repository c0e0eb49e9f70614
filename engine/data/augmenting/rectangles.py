"""Rectangles for whole batches: int64 [B, 4], left, top, right and bottom in pixels, the last two exclusive."""

import torch
from torch import Tensor


def inside(boxes: Tensor, size: int, channels: int) -> tuple[Tensor, Tensor]:
    """Return which rows, bool [B, size, 1], and which values of each row, bool [B, 1, size · channels], lie in the
    rectangles."""
    lefts, tops, rights, bottoms = boxes[:, :, None, None].unbind(1)
    rows = torch.arange(size, device=boxes.device)[:, None]
    columns = torch.arange(size * channels, device=boxes.device) // channels
    return (rows >= tops) & (rows < bottoms), (columns >= lefts) & (columns < rights)
