"""Tunes a trainer to the machine: allocator, threads and memory layout, measured once and recorded."""

import copy
import ctypes
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.training.devices import Precision
from engine.training.measurements import cached, clock, signature
from engine.training.small_maps import use_small_map_matrices

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h
_STEP_SECONDS = 0.25
_ROUNDS = 3
_WORTH_IT = 0.97


def tune_process(device: torch.device, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    """Set allocator and threads of this process, before it creates its first large tensor.

    Args:
        previous: the result for an earlier attempt of the run, whose threads are kept, as they affect rounding.

    Returns:
        ``threads`` and whether the ``allocator`` was set, ready for JSON.
    """
    threads = int(previous["threads"]) if previous else _threads()
    if threads != torch.get_num_threads():
        torch.set_num_threads(threads)
    return {"threads": threads, "allocator": "kept" if device.type == "cpu" and keep_freed_memory() else "system"}


def keep_freed_memory() -> bool:
    """Make glibc's malloc keep freed memory, so that the tensors of a step reuse mapped pages.

    Returns:
        False with another C library.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    largest = 2**31 - 1
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, largest), (_M_TOP_PAD, 64 << 20))
    return all(library.mallopt(key, value) for key, value in settings)


def release_freed_memory() -> None:
    """Return freed memory to the system, where glibc keeps it: measuring can take more than training does."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def choose_channels_last(
    model: nn.Module, example: Tensor, precision: Precision, previous: bool | None = None,
) -> bool:
    """Measure whether training is faster with channels_last; the model is not changed.

    Args:
        example: [B, C, H, W] on the model's device; fewer pictures are used if a step is slow.
        previous: the choice of an earlier attempt of the run, used without measuring.
    """
    if previous is not None:
        return previous
    if sum(isinstance(module, nn.Conv2d) for module in model.modules()) < 2:
        return False
    what = f"channels_last_{precision.dtype}".removesuffix("_torch.float32")
    key = signature(what, model, example)
    return bool(cached(key, lambda: _channels_last_is_faster(model, example, precision)))


def _threads() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) else len(os.sched_getaffinity(0))


def _channels_last_is_faster(model: nn.Module, example: Tensor, precision: Precision) -> bool:
    with torch.random.fork_rng(devices=[example.device] if example.device.type == "cuda" else []):
        layouts = (torch.contiguous_format, torch.channels_last)
        ways = [_stepper(model, example, layout, precision) for layout in layouts]
        count = _timed_batch(ways[0], len(example), example.device)
        best = [float("inf")] * len(ways)
        for _ in range(1 + _ROUNDS):
            best = [min(seconds, _seconds(partial(step, count), example.device))
                    for seconds, step in zip(best, ways, strict=True)]
    return best[1] < _WORTH_IT * best[0]


def _stepper(
    model: nn.Module, example: Tensor, layout: torch.memory_format, precision: Precision,
) -> Callable[[int], None]:
    """Return a forward and backward pass through a copy of the model in this layout."""
    trial = copy.deepcopy(model).to(memory_format=layout).train()
    if not precision.mixed:
        use_small_map_matrices(trial, example)

    def step(count: int) -> None:
        with precision.autocast():
            output = trial(example[:count].contiguous(memory_format=layout))
        functional.cross_entropy(output, output.new_zeros(len(output), dtype=torch.int64)).backward()
        trial.zero_grad(set_to_none=True)  # both layouts' gradients at once would be the run's peak memory

    return step


def _timed_batch(step: Callable[[int], None], most: int, device: torch.device) -> int:
    """Return the number of pictures for a timed step: all, or fewer to keep it short; at least two, for batch norm."""
    count = min(2, most)
    step(count)
    while count < most and _seconds(partial(step, count), device) < _STEP_SECONDS / 2:
        count = min(2 * count, most)
    return count


def _seconds(work: Callable[[], None], device: torch.device) -> float:
    if device.type == "cpu":
        started = clock()
        work()
        return clock() - started
    torch.accelerator.synchronize()
    started = time.perf_counter()
    work()
    torch.accelerator.synchronize()
    return time.perf_counter() - started
