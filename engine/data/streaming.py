"""Reading pictures on demand: some of a set, ahead of their use, in background threads."""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import LazyPictures, Pictures
from engine.data.photographs.source import Chosen, Photographs

_THREADS = min(4, os.cpu_count() or 1)
AHEAD = _THREADS + 1
"""Number of batches that are read in advance."""

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
AT_ONCE = 16
"""Photographs that each of all :data:`THREADS` cuts at a time, so that all of them work on the next batch."""


def pieces_ahead(batch_size: int) -> int:
    """Return how many times :data:`AT_ONCE` photographs are cut in advance: the next two batches, and some more."""
    return THREADS + 2 * -(-batch_size // AT_ONCE)

Item = TypeVar("Item")
Result = TypeVar("Result")


def subset(images: Pictures | LazyPictures, ids: NDArray[np.int64]) -> Pictures | LazyPictures:
    """Return the pictures at these positions: a copy of an array, or :class:`Chosen` of pictures that are read on
    demand."""
    if isinstance(images, np.ndarray):
        return images[ids]
    assert isinstance(images, Photographs)
    return Chosen(images, ids)


def read_ahead(
    read: Callable[[Item], Result], items: Sequence[Item], *, threads: int = _THREADS, ahead: int = AHEAD,
) -> Generator[Result, None, None]:
    """Yield ``read`` of each item in order, computing up to ``ahead`` in advance in threads. The threads end when the
    iterator is exhausted, closed or dropped. An error in ``read`` is raised at its turn."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(read, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
