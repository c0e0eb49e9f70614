"""Pictures that are read when they are needed: chosen without reading them, and decoded ahead in the background."""

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import LazyPictures, Pictures

_THREADS = min(4, os.cpu_count() or 1)
AHEAD = _THREADS + 1
"""Batches that are read before they are asked for."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Chosen:
    """Some pictures of a lazy set, by their positions in it; reads none before they are asked for."""

    def __init__(self, images: LazyPictures, ids: NDArray[np.int64]) -> None:
        self._images, self._ids = images, ids
        self.shape = (len(ids), *images.shape[1:])

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, ids: NDArray[np.int64]) -> Pictures:
        return self._images[self._ids[ids]]


def chosen(images: Pictures | LazyPictures, ids: NDArray[np.int64]) -> Pictures | LazyPictures:
    """The pictures at these positions: a copy of an array, a :class:`Chosen` of a lazy set."""
    return images[ids] if isinstance(images, np.ndarray) else Chosen(images, ids)


def ahead(read: Callable[[Item], Result], items: Sequence[Item]) -> Generator[Result, None, None]:
    """``read`` of each item in order, a few computed ahead in threads of their own.

    The threads are gone when the iterator is exhausted, closed or dropped. What ``read`` raises is raised at its turn.
    """
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="pictures")
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(read, item))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
