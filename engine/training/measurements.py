"""Choices made by measuring, cached on disk so that equal runs on one machine choose the same and start fast."""

import contextlib
import hashlib
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.files import write_atomically
from engine.home import artifacts_dir
from engine.locks import locked


def cached(key: str, measure: Callable[[], Any]) -> Any:
    """Return what ``measure`` returned (JSON) on its first call with this key on this machine. If several processes
    measure at once, the first to write decides. Without a writable cache, it measures again."""
    file = artifacts_dir() / "cache" / "measured" / f"{key}.json"
    known = _read(file)
    if known is not None:
        return known
    value = measure()
    with contextlib.suppress(OSError), locked(file.parent / ".lock"):
        known = _read(file)
        if known is not None:
            return known
        write_atomically(file, json.dumps(value).encode())
    return value


def clock() -> float:
    """Return seconds for timing work on the CPU: process time for a single thread, unaffected by other processes, else
    time."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


def signature(what: str, model: nn.Module, example: Tensor) -> str:
    """Return a cache key that depends on the model's structure and layout, the batch, the machine and torch."""
    parts = (what, repr(model), layout_name(model), tuple(example.shape), str(example.device), torch.__version__,
             torch.get_num_threads(), _processor(), torch.backends.cpu.get_cpu_capability())
    return f"{what}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"


def layout_name(model: nn.Module) -> str:
    """Return ``channels_last`` if any weight has that layout only, else ``contiguous``."""
    kernels = (parameter for parameter in model.parameters() if parameter.ndim == 4)
    odd = any(not kernel.is_contiguous() and kernel.is_contiguous(memory_format=torch.channels_last)
              for kernel in kernels)
    return "channels_last" if odd else "contiguous"


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
