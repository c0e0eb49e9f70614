"""How much memory a training process uses."""

from __future__ import annotations

import psutil
import torch


def memory_bytes(device: torch.device) -> int:
    """Peak bytes allocated on a GPU, or the process's resident bytes on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return int(psutil.Process().memory_info().rss)
