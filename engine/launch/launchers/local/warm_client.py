"""The client of the warm process: sends one JSON line, receives one or more, and reads its state."""

import contextlib
import json
import socket
from typing import Any

from engine.files import read_json
from engine.launch.launchers.local.places import socket_path, state_path

_CONNECT_SECONDS = 5.0


def warm_listens() -> bool:
    """Return whether the warm process is ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_CONNECT_SECONDS)
        return connection.connect_ex(str(socket_path("warm"))) == 0


def warm_state() -> str:
    """Return ``ready`` (runs start at once), ``warming`` (they wait for it), or ``off`` (they start cold)."""
    try:
        return str(read_json(state_path())["warm"])
    except (OSError, ValueError, KeyError):
        return "warming"


def ask_warm(request: dict[str, Any], seconds: float) -> dict[str, Any] | None:
    """Send a request and return the answer; None without a warm process, or after ``seconds``."""
    try:
        with _send(request) as connection:
            connection.settimeout(seconds)
            answer = connection.makefile("rb").readline()
            return dict(json.loads(answer)) if answer else None
    except OSError:
        return None


def open_warm(request: dict[str, Any]) -> socket.socket | None:
    """Send a request and return the connection for the answers; None without a warm process."""
    try:
        return _send(request)
    except OSError:
        return None


def send_line(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one line of JSON; ignore errors if nobody waits for it."""
    with contextlib.suppress(OSError):
        connection.sendall(json.dumps(message).encode() + b"\n")


def _send(request: dict[str, Any]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_CONNECT_SECONDS)
        connection.connect(str(socket_path("warm")))
        connection.sendall(json.dumps(request).encode() + b"\n")
    except OSError:
        connection.close()
        raise
    return connection
