"""How much memory a training process uses, and what it means when there is no more."""

import errno
from contextlib import suppress
from pathlib import Path

import psutil
import torch

from engine.out_of_memory import tells_of_memory


def memory_bytes(device: torch.device) -> int:
    """Peak bytes of tensors on a GPU; on the CPU the process's bytes without the libraries' own pages.

    The latter are at their peak still, as a trainer keeps what it frees where the C library lets it.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return process_bytes()


def process_bytes() -> int:
    """Bytes of this process that the system cannot drop and read again from a file."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on whatever device."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and tells_of_memory(str(error))
