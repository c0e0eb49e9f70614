"""Memory use of a training process, and out-of-memory errors."""

import errno
from contextlib import suppress
from pathlib import Path

import psutil
import torch

from engine.errors import is_memory_message


def memory_bytes(device: torch.device) -> int:
    """Return peak bytes of tensors on a GPU; on the CPU the process's bytes without shared libraries. On the CPU this
    is the peak, as a trainer keeps freed memory if the C library allows it."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return process_bytes()


def process_bytes() -> int:
    """Return this process's anonymous memory in bytes."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on any device."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and is_memory_message(str(error))
