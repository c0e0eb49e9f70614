"""Marks that tell which file a confined process reads, sent to the process that waits; elsewhere they do nothing."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

OPENED, BEGUN, DONE, ANSWER, ENDED = b"o", b"+", b"-", b"=", b"."
"""The first byte of each line that a confined process sends; JSON follows."""

_send: Callable[[bytes], object] | None = None


def send_to(send: Callable[[bytes], object]) -> None:
    """Send the marks of this process here."""
    global _send
    _send = send


def opened(file: Path) -> None:
    """Mark that a file was opened."""
    _mark(OPENED, file)


@contextlib.contextmanager
def decoding(file: Path) -> Iterator[None]:
    """Mark that a file, perhaps one of several at a time, is being decoded."""
    _mark(BEGUN, file)
    try:
        yield
    except MemoryError:  # the mark stays, so that this file is named
        raise
    except BaseException:
        _mark(DONE, file)
        raise
    _mark(DONE, file)


def _mark(kind: bytes, file: Path) -> None:
    if _send is not None:
        _send(kind + json.dumps(str(file)).encode() + b"\n")
