"""The warm process: holds torch imported and forks trainers, each milliseconds from its first step.

It must stay single-threaded (a fork would lose the other threads and hang on their locks), so it never computes, and
it never touches a GPU.
"""

import argparse
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from engine.home import ROOT
from engine.launch.launchers.local.bell import dispatcher_listens, wake
from engine.launch.launchers.local.places import socket_path
from engine.launch.launchers.local.supervisor import supervise
from engine.launch.launchers.local.trainer import call
from engine.launch.launchers.local.warm_client import send_line
from engine.launch.launchers.local.worker import work
from engine.store.connect import file_id

# A model's first optimizer imports torch._dynamo, a second by itself.
PRELOAD = ("torch", "torchvision", "timm", "torch._dynamo", "engine.costs.parameters", "engine.runner.main")
_TICK_SECONDS = 1.0
_ALONE_SECONDS = 30.0
_REQUEST_SECONDS = 5.0

Request = dict[str, Any]


class Warm:
    """Serves one request a connection, a line of JSON: ``train``, ``job`` or ``leave``."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._listener.settimeout(_TICK_SECONDS)
        self._file = file_id(socket_path("warm"))
        self._sources = imported_sources()
        self._written = written(self._sources)

    def serve(self) -> None:
        """Until told to leave, replaced, asked to run code that changed since, or left alone by the dispatcher."""
        heard = time.monotonic()
        while time.monotonic() - heard < _ALONE_SECONDS and self._is_reachable():
            if dispatcher_listens():
                heard = time.monotonic()
            if not self._accept():
                return
            _collect_children()

    def _is_reachable(self) -> bool:
        """Whether the socket is still this process's own, not that of a later one."""
        return file_id(socket_path("warm")) == self._file

    def _accept(self) -> bool:
        """Serve what asks within a tick; False when it is time to leave."""
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return True
        with connection:
            request = _received(connection)
            if request is None:
                return True
            if request["do"] == "leave" or written(self._sources) != self._written:
                send_line(connection, {"left": True})
                return False
            if os.fork() == 0:
                self._in_child(connection, request)
            if request["do"] == "train":
                send_line(connection, {"left": False})
        return True

    def _in_child(self, connection: socket.socket, request: Request) -> NoReturn:
        try:
            os.setsid()
            self._listener.close()
            if request["do"] == "train":
                connection.close()
                os.environ.update(request["environment"])
                run_id = int(request["run"])
                supervise(run_id, int(request["attempt"]), lambda: call(request["entry"], run_id))
            else:
                work(connection, request)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)


def imported_sources() -> list[str]:
    """The engine's files that this process has imported."""
    files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
    return [file for file in files if file.startswith(f"{ROOT / 'engine'}/")]


def written(sources: list[str]) -> list[int]:
    """When each file was last written: a run must not be trained by code that was replaced since it was imported."""
    return [Path(file).stat().st_mtime_ns if Path(file).exists() else 0 for file in sources]


def _received(connection: socket.socket) -> Request | None:
    """The request, or None from one who only looked whether there is somebody."""
    connection.settimeout(_REQUEST_SECONDS)
    try:
        line = connection.makefile("rb").readline()
        return dict(json.loads(line)) if line else None
    except (OSError, ValueError):
        return None


def _collect_children() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _listener() -> socket.socket:
    path = socket_path("warm")
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    return listener


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.launch.launchers.local.warm")
    parser.add_argument("--preload", default=",".join(PRELOAD), help="modules to import, separated by commas")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for module in filter(None, given.preload.split(",")):
        importlib.import_module(module)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        sys.exit(f"the imports left {threads} threads, and a fork would lose all but one: trainers start cold")
    gc.collect()
    gc.freeze()
    with _listener() as listener:
        warm = Warm(listener)
        wake()
        warm.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
