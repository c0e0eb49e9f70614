"""``python -m engine.confined.server``: a process with the readers imported, which forks one with limits a request.

Its standard input is a socket, over which each request sends a socket of its own. Imports no torch.
"""

import gc
import json
import os
import select
import signal
import socket
import traceback
from importlib import import_module
from pkgutil import resolve_name
from typing import Any

from engine.confined import marks
from engine.confined.limits import limit_this_process, memory_bytes
from engine.errors import ConfigError, UserError, describe_error
from engine.words import size

_IMPORTED = ("engine.data.loading", "engine.data.facts", "engine.explain.picture", "engine.imports")


def main() -> None:
    """Serve requests until the process that started this one is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for module in _IMPORTED:
        import_module(module)
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as control:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # or the processes that it forks would keep the socket open
        while True:
            content, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not content:
                return
            with socket.socket(fileno=descriptors[0]) as connection:
                if os.fork() == 0:
                    control.close()
                    _attend(connection)
                    os._exit(0)


def _attend(connection: socket.socket) -> None:
    """Do the work in another process, say how that ended, and kill it if nobody waits any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    worker = os.fork()
    if worker == 0:
        _work(connection)
        os._exit(0)
    poll = select.poll()
    poll.register(ended := os.pidfd_open(worker), select.POLLIN)
    poll.register(connection, select.POLLRDHUP)
    if ended not in dict(poll.poll()):
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    connection.sendall(marks.ENDED + str(os.waitstatus_to_exitcode(status)).encode() + b"\n")


def _work(connection: socket.socket) -> None:
    with connection.makefile("rb") as lines:
        message: dict[str, Any] = json.loads(lines.readline())
    for name in [name for name in os.environ if name.startswith("DARKROOM_")]:
        del os.environ[name]
    os.environ.update(message["environment"])
    os.chdir(message["folder"])
    marks.send_to(connection.sendall)
    connection.sendall(marks.ANSWER + json.dumps(_answer(message), default=str).encode() + b"\n")


def _answer(message: dict[str, Any]) -> dict[str, Any]:
    """The result of the call, or its error in plain values."""
    try:
        limit_this_process()
        return {"result": resolve_name(message["entry"])(message["request"])}
    except Exception as error:
        if _is_for_want_of_memory(error):
            return {"memory": size(memory_bytes())}
        if isinstance(error, ConfigError):
            return {"config": [error.key, error.value, error.expected]}
        if isinstance(error, UserError):
            return {"user": str(error)}
        if isinstance(error, OSError):
            return {"system": [error.errno, error.strerror or str(error), error.filename]}
        return {"defect": describe_error(error), "traceback": traceback.format_exc()}


def _is_for_want_of_memory(error: BaseException | None) -> bool:
    """Whether an error is, or comes from, a refused allocation."""
    return error is not None and (isinstance(error, MemoryError) or _is_for_want_of_memory(error.__context__))


if __name__ == "__main__":
    main()
