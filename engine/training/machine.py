"""Fitting a trainer to the machine: allocator, threads and memory layout, measured once and recorded."""

from __future__ import annotations

import copy
import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.training.measured import remembered, signature
from engine.training.small_maps import use_small_map_gradients

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h
_STEP_SECONDS = 0.04
_ROUNDS = 4
_WORTH_IT = 0.97


def tune_process(device: torch.device, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    """Set allocator and threads of this process, before it makes its first large tensor.

    Args:
        previous: what this returned for an earlier attempt of the run; its threads are taken over, because the
            number of threads decides how sums are rounded.

    Returns:
        ``threads`` and whether the ``allocator`` was set, ready for JSON.
    """
    threads = int(previous["threads"]) if previous else _threads()
    if threads != torch.get_num_threads():
        torch.set_num_threads(threads)
    return {"threads": threads, "allocator": "kept" if device.type == "cpu" and keep_freed_memory() else "system"}


def keep_freed_memory() -> bool:
    """Make glibc's malloc keep what is freed: a step's tensors then land on pages that are mapped already.

    Returns:
        False where the C library is another one.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    largest = 2**31 - 1
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, largest), (_M_TOP_PAD, 64 << 20))
    return all(library.mallopt(key, value) for key, value in settings)


def choose_channels_last(model: nn.Module, example: Tensor, previous: bool | None = None) -> bool:
    """Whether training steps are faster with channels_last pictures and weights; the model is left as it is.

    Args:
        example: [B, C, H, W] on the model's device; fewer pictures are used when a step takes long.
        previous: what an earlier attempt of the run chose; taken over unmeasured.
    """
    if previous is not None:
        return previous
    if sum(isinstance(module, nn.Conv2d) for module in model.modules()) < 2:
        return False
    key = signature("channels_last", model, example)
    return bool(remembered(key, lambda: _channels_last_is_faster(model, example)))


def _threads() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) else len(os.sched_getaffinity(0))


def _channels_last_is_faster(model: nn.Module, example: Tensor) -> bool:
    with torch.random.fork_rng(devices=[example.device] if example.device.type == "cuda" else []):
        steps = [_step(model, example, layout) for layout in (torch.contiguous_format, torch.channels_last)]
        best = [float("inf")] * len(steps)
        for _ in range(_ROUNDS):
            best = [min(seconds, _seconds(step, example.device)) for seconds, step in zip(best, steps, strict=True)]
    return best[1] < _WORTH_IT * best[0]


def _step(model: nn.Module, example: Tensor, layout: torch.memory_format) -> Callable[[], None]:
    """A forward and backward pass of a copy in that layout, run once so that later ones are timed warm."""
    trial = copy.deepcopy(model).to(memory_format=layout).train()
    use_small_map_gradients(trial, example)

    def step(pictures: Tensor) -> None:
        output = trial(pictures)
        functional.cross_entropy(output, output.new_zeros(len(output), dtype=torch.int64)).backward()

    few = example[:2].contiguous(memory_format=layout)
    step(few)
    seconds = _seconds(lambda: step(few), example.device)
    affordable = max(2, int(2 * _STEP_SECONDS / seconds))
    pictures = example[:affordable].contiguous(memory_format=layout)
    return lambda: step(pictures)


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    if device.type != "cpu":
        torch.accelerator.synchronize()
    started = time.perf_counter()
    work()
    if device.type != "cpu":
        torch.accelerator.synchronize()
    return time.perf_counter() - started
