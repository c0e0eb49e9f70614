"""``confined``: calls a function that reads users' files in a process of its own, within limits."""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from engine.confined import marks
from engine.confined.limits import MEMORY, memory_bytes, seconds_for
from engine.errors import ConfigError, UserError
from engine.home import ROOT
from engine.words import duration, listed


class ConfinedError(Exception):
    """An error in a confined process that nobody foresaw; a note holds its traceback."""


def confined(entry: str, request: dict[str, Any], on_file: Callable[[], object] = lambda: None) -> Any:
    """Call a function in a process with limits on memory and time, forked from one that has the readers imported.

    Args:
        entry: ``module:function``, called with the request and returning the answer, both JSON.
        on_file: called after each file that was decoded.

    Raises:
        UserError: its own, or one line that names the file it was at when it crashed, hung or ran out of memory.
        OSError: its own, such as a full disk.
    """
    memory_bytes()  # refuses what is not a number here, rather than there
    message = {"entry": entry, "request": request, "folder": _folder(),
               "environment": {name: value for name, value in os.environ.items() if name.startswith("DARKROOM_")}}
    with _connect() as connection:
        connection.sendall(json.dumps(message).encode() + b"\n")
        return _result(_listen(connection, on_file))


def _listen(connection: socket.socket, on_file: Callable[[], object]) -> tuple[dict[str, Any], str]:
    """Return the answer, and the files that the process was at."""
    busy: dict[str, None] = {}
    latest = ""
    with connection.makefile("rb") as lines:
        while True:
            seconds = seconds_for(latest)
            connection.settimeout(seconds)
            try:
                line = lines.readline()
            except TimeoutError:
                raise UserError(f"{_at(busy, latest)}: reading took longer than {duration(seconds)}") from None
            except ConnectionResetError:
                line = b""
            kind, content = line[:1], json.loads(line[1:] or b"null")
            if kind == marks.ANSWER:
                return content, _at(busy, latest)
            if kind in (marks.ENDED, b""):
                raise UserError(f"{_at(busy, latest)}: {_death(content)}")
            latest = latest if kind == marks.DONE else content
            if kind == marks.BEGUN:
                busy[content] = None
            elif kind == marks.DONE:
                busy.pop(content, None)
                on_file()


def _result(answered: tuple[dict[str, Any], str]) -> Any:
    answer, file = answered
    if "result" in answer:
        return answer["result"]
    if "memory" in answer:
        raise UserError(f"{file}: reading needs more than {answer['memory']} of memory; if it is sound, allow more "
                        f"by the environment variable {MEMORY}")
    if "config" in answer:
        raise ConfigError(*answer["config"])
    if "user" in answer:
        raise UserError(answer["user"])
    if "system" in answer:
        raise OSError(*answer["system"])
    error = ConfinedError(f"{file}: {answer['defect']}")
    error.add_note(answer["traceback"])
    raise error


def _at(busy: Iterable[str], latest: str) -> str:
    """The file, or the few, that it was at."""
    return listed(list(busy), separator=" or ") or latest or "reading"


def _death(code: int | None) -> str:
    if code == -signal.SIGKILL:
        return "reading was killed, most likely for lack of memory"
    name = signal.Signals(-code).name if code is not None and code < 0 else "its process is gone"
    return f"reading crashed ({name}); the file is damaged or hostile: remove it or replace it"


class _Server:
    """The process that forks confined ones, started with the first request."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.control, theirs = socket.socketpair()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "engine.confined.server"], cwd=ROOT, env=environment, stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def end(self) -> None:
        """Let it end, as it does when the socket closes."""
        self.control.close()
        if self.owner == os.getpid():
            self.process.wait()


_one_at_a_time = threading.Lock()
_servers: list[_Server] = []


def _connect() -> socket.socket:
    """A connection to a new confined process; a server that is gone is started again."""
    ours, theirs = socket.socketpair()
    with theirs, _one_at_a_time:
        if not _servers or _servers[0].owner != os.getpid() or not _sent(_servers[0], theirs):
            _end_server()
            _servers[:] = [_Server()]
            _sent(_servers[0], theirs)
    return ours


def _sent(server: _Server, connection: socket.socket) -> bool:
    try:
        socket.send_fds(server.control, [b"\n"], [connection.fileno()])
    except OSError:
        return False
    return True


@atexit.register
def _end_server() -> None:
    for server in _servers:
        server.end()


def _folder() -> str:
    """The folder of relative paths."""
    with contextlib.suppress(OSError):
        return os.getcwd()  # noqa: PTH109 - as text
    return "/"
