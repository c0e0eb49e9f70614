"""The lock that every writer of ``runs.db`` holds."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from engine.disk_space import refusal
from engine.locks import acquire
from engine.store.faults import BusyError, StoreError

PATIENCE = 30.0


@contextlib.contextmanager
def locked(path: Path, patience: float | None = None) -> Iterator[None]:
    """Hold the lock file ``path`` exclusively; not re-entrant.

    Raises:
        BusyError: another process held it for ``patience`` seconds, by default 30.
        StoreError: the lock file cannot be created, for example in a read-only folder.
    """
    try:
        descriptor = acquire(path, PATIENCE if patience is None else patience)
    except TimeoutError as error:
        raise BusyError(str(error)) from None
    except OSError as error:
        raise StoreError(refusal(path.parent, error)) from None
    try:
        yield
    finally:
        os.close(descriptor)


def noted(path: Path) -> str:
    """Return the note in a lock file; empty: there is none."""
    return path.read_bytes().decode(errors="replace")


def note(path: Path, text: str) -> None:
    """Leave a note in a lock file that is held, unless the disk is full."""
    with contextlib.suppress(OSError):
        path.write_text(text)
