"""Waking the dispatcher by datagrams, starting it, and keeping it the only one of its home."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import NoReturn

from engine.home import read_only
from engine.launch.launchers.local.places import lock_path, socket_path
from engine.launch.launchers.local.process import start_module
from engine.locks import acquire

_LOCK_SECONDS = 10.0


def wake() -> bool:
    """Wake the dispatcher; return whether there is one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(b"!", str(socket_path("dispatcher")))
        except BlockingIOError:
            return True
        except OSError:
            return False
    return True


def dispatcher_listens() -> bool:
    """Return whether there is a dispatcher, without waking it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        return sender.connect_ex(str(socket_path("dispatcher"))) == 0


def ensure_dispatcher() -> None:
    """Wake the dispatcher, or start one, and return at once; a home that can only be viewed needs none."""
    if not read_only() and not wake():
        start_module("engine.launch.dispatcher", [], log="dispatcher")


@contextlib.contextmanager
def single() -> Iterator[bool]:
    """Yield whether this process is the home's only dispatcher; wait for one that is exiting."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            descriptor = acquire(lock_path(), 0.02)
        except TimeoutError:
            if wake() or time.monotonic() > deadline:
                yield False
                return
        else:
            break
    try:
        yield True
    finally:
        os.close(descriptor)


def exit_on_termination() -> None:
    """Make SIGTERM exit this process normally, with its cleanup."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


class WakeSocket:
    """The dispatcher's socket, which waits for wakes."""

    def __init__(self) -> None:
        self._socket = self._bind()

    def wait(self, seconds: float) -> None:
        """Return at the next wake, or after ``seconds``."""
        if not socket_path("dispatcher").exists():
            self._socket.close()
            self._socket = self._bind()
        self._socket.settimeout(seconds)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            while True:
                self._socket.recv(16)
                self._socket.setblocking(False)

    def close(self) -> None:
        socket_path("dispatcher").unlink(missing_ok=True)
        self._socket.close()

    def _bind(self) -> socket.socket:
        path = socket_path("dispatcher")
        path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bound.bind(str(path))
        return bound
