"""A datagram that wakes the dispatcher, and tells whether there is one."""

from __future__ import annotations

import contextlib
import select
import socket

from engine.launch.places import socket_path


def wake() -> bool:
    """Make the dispatcher look at the queue now. False when there is no dispatcher."""
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
    """Whether there is a dispatcher, without waking it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        return sender.connect_ex(str(socket_path("dispatcher"))) == 0


class Bell:
    """The dispatcher's end: waits for a wake."""

    def __init__(self) -> None:
        self._socket = self._bound()

    def wait(self, seconds: float) -> None:
        """Return at the next wake, or after ``seconds``."""
        if not socket_path("dispatcher").exists():
            self._socket.close()
            self._socket = self._bound()
        if select.select([self._socket], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._socket.recv(16)

    def close(self) -> None:
        socket_path("dispatcher").unlink(missing_ok=True)
        self._socket.close()

    def _bound(self) -> socket.socket:
        path = socket_path("dispatcher")
        path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bound.bind(str(path))
        bound.setblocking(False)
        return bound
