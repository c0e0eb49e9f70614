"""Talks to the warm process, one JSON line there, one or more back, and tells what is known of it."""

import contextlib
import json
import socket
from typing import Any

from engine.launch.launchers.local.places import socket_path, state_path

_CONNECT_SECONDS = 5.0


def warm_listens() -> bool:
    """Whether the warm process is there and has imported what it should."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_CONNECT_SECONDS)
        return connection.connect_ex(str(socket_path("warm"))) == 0


def warm_state() -> str:
    """``ready`` (runs start in a moment), ``warming`` (they wait for it, seconds), or ``off`` (they start cold)."""
    try:
        return str(json.loads(state_path().read_text())["warm"])
    except (OSError, ValueError):
        return "warming"


def ask_warm(request: dict[str, Any], seconds: float) -> dict[str, Any] | None:
    """The warm process's answer, or None when it is not there, died, or took longer than ``seconds``."""
    try:
        with _sent(request) as connection:
            connection.settimeout(seconds)
            answer = connection.makefile("rb").readline()
            return dict(json.loads(answer)) if answer else None
    except OSError:
        return None


def tell_warm(request: dict[str, Any]) -> bool:
    """Send a request whose answer is not waited for; False when the warm process is not there."""
    try:
        _sent(request).close()
    except OSError:
        return False
    return True


def open_warm(request: dict[str, Any]) -> socket.socket | None:
    """The line on which the warm process, or the child it forks, answers; None when the warm process is not there."""
    try:
        return _sent(request)
    except OSError:
        return None


def send_line(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one line of JSON; not everybody waits for it."""
    with contextlib.suppress(OSError):
        connection.sendall(json.dumps(message).encode() + b"\n")


def _sent(request: dict[str, Any]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_CONNECT_SECONDS)
        connection.connect(str(socket_path("warm")))
        connection.sendall(json.dumps(request).encode() + b"\n")
    except OSError:
        connection.close()
        raise
    return connection
