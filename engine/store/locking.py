"""A lock between processes that its holder's death releases."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from engine.store.faults import BusyError, StoreError

PATIENCE = 30.0


@contextlib.contextmanager
def locked(path: Path, patience: float | None = None) -> Iterator[None]:
    """Hold the lock file ``path`` exclusively; not re-entrant.

    Raises:
        BusyError: somebody else held it for ``patience`` seconds, 30 unless given.
        StoreError: the lock file cannot be made, as in a read-only folder.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be written: {error.strerror}") from None
    try:
        _acquire(descriptor, path, PATIENCE if patience is None else patience)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float) -> None:
    """Polls, because a blocking flock would wait forever for a holder that is suspended."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BusyError(f"{path} has been locked by another process for {patience:.0f} s") from None
            time.sleep(0.001)
