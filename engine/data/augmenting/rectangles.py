"""Rectangles of whole batches: int64 [B, 4], each left, top, right and bottom in pixels, the last two exclusive."""

import torch
from torch import Tensor


def inside(boxes: Tensor, size: int, channels: int) -> tuple[Tensor, Tensor]:
    """bool [B, size, 1] and [B, 1, size · channels]: which rows, and which values of each row, of square pictures
    [B, size, size, channels] lie in their rectangles."""
    lefts, tops, rights, bottoms = boxes[:, :, None, None].unbind(1)
    rows = torch.arange(size, device=boxes.device)[:, None]
    columns = torch.arange(size * channels, device=boxes.device) // channels
    return (rows >= tops) & (rows < bottoms), (columns >= lefts) & (columns < rights)
