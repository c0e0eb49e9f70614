"""Pictures whose answer is known: an object in one corner says the class, and nothing else does."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SIZE, CORNER = 32, 16
_OBJECTS = ("cross", "ring", "stripes", "block")


def corner_pictures(count: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures float32 [N, 3, 32, 32] of faint noise, the class (int64 [N]) of the object in one corner, the corner.

    Corners are numbered row by row: 0 is above left, 3 below right.
    """
    random = torch.Generator().manual_seed(seed)
    pictures = 0.1 * torch.randn(count, 3, SIZE, SIZE, generator=random)
    labels = torch.randint(len(_OBJECTS), (count,), generator=random)
    corners = torch.randint(4, (count,), generator=random)
    shifts = torch.randint(5, (count, 2), generator=random)
    for picture, label, corner, (down, right) in zip(pictures, labels, corners, shifts, strict=True):
        top, left = int(corner) // 2 * CORNER + int(down), int(corner) % 2 * CORNER + int(right)
        picture[:, top:top + 12, left:left + 12] += _drawn(_OBJECTS[int(label)])
    return pictures, labels, corners


def in_corner(maps: Tensor, corners: Tensor) -> Tensor:
    """float32 [N], the share of each map's mass that lies in the picture's corner; of a constant map it is ¼."""
    fine = functional.interpolate(maps[:, None], (SIZE, SIZE), mode="nearest-exact")
    quarters = functional.avg_pool2d(fine, CORNER).flatten(1)
    return (quarters / quarters.sum(1, keepdim=True)).gather(1, corners[:, None])[:, 0]


def taught(model: nn.Module, steps: int, lr: float) -> nn.Module:
    """The model after a little training, in eval mode."""
    optimizer = torch.optim.AdamW(model.train().parameters(), lr=lr)
    for step in range(steps):
        pictures, labels, _ = corner_pictures(32, step)
        optimizer.zero_grad()
        functional.cross_entropy(model(pictures), labels).backward()
        optimizer.step()
    return model.eval()


def _drawn(name: str) -> Tensor:
    rows, columns = torch.meshgrid(torch.arange(12), torch.arange(12), indexing="ij")
    away = ((rows - 5.5) ** 2 + (columns - 5.5) ** 2).sqrt()
    return {"cross": ((rows - 5.5).abs() < 2) | ((columns - 5.5).abs() < 2), "ring": (away > 3) & (away < 6),
            "stripes": rows % 4 < 2, "block": (away < 4)}[name].float() * 2
