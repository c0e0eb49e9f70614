"""Reading pictures on demand: subsets of lazy sets, and reading ahead in background threads."""

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
"""Number of batches that are read in advance."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Subset:
    """Some pictures of a lazy set, by position; reads them on demand."""

    def __init__(self, images: LazyPictures, ids: NDArray[np.int64]) -> None:
        self._images, self._ids = images, ids
        self.shape = (len(ids), *images.shape[1:])

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, ids: NDArray[np.int64]) -> Pictures:
        return self._images[self._ids[ids]]


def subset(images: Pictures | LazyPictures, ids: NDArray[np.int64]) -> Pictures | LazyPictures:
    """Return the pictures at these positions: a copy of an array, or a :class:`Subset` of a lazy set."""
    return images[ids] if isinstance(images, np.ndarray) else Subset(images, ids)


def read_ahead(read: Callable[[Item], Result], items: Sequence[Item]) -> Generator[Result, None, None]:
    """Yield ``read`` of each item in order, computing a few ahead in threads. The threads end when the iterator is
    exhausted, closed or dropped. An error in ``read`` is raised at its turn."""
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
