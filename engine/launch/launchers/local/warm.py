"""The warm process: has imported torch and forks trainers, which start within milliseconds.

It must stay single-threaded, because a fork loses other threads and blocks on their locks. So it never computes, and
never uses a GPU.
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
from engine.launch.launchers.local.places import socket_path
from engine.launch.launchers.local.supervisor import supervise
from engine.launch.launchers.local.trainer import call
from engine.launch.launchers.local.wakeup import dispatcher_listens, wake
from engine.launch.launchers.local.warm_client import send_line
from engine.launch.launchers.local.worker import work
from engine.store.connect import file_id

# A model's first optimizer imports torch._dynamo, a second by itself.
PRELOAD = ("torch", "torchvision", "timm", "torch._dynamo", "engine.costs.parameters", "engine.runner.main",
           "engine.analysis.doctor.watching")
_TICK_SECONDS = 1.0
_ALONE_SECONDS = 30.0
_REQUEST_SECONDS = 5.0

Request = dict[str, Any]


class Warm:
    """Serves one request per connection, a line of JSON: ``train``, ``job`` or ``leave``."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._listener.settimeout(_TICK_SECONDS)
        self._file = file_id(socket_path("warm"))
        self._sources = imported_sources()
        self._written = written(self._sources)

    def serve(self) -> None:
        """Serve until told to leave, replaced, outdated by changed code, or abandoned by the dispatcher."""
        heard = time.monotonic()
        while time.monotonic() - heard < _ALONE_SECONDS and self._is_reachable():
            if dispatcher_listens():
                heard = time.monotonic()
            if not self._accept():
                return
            _collect_children()

    def _is_reachable(self) -> bool:
        """Return whether the socket still belongs to this process."""
        return file_id(socket_path("warm")) == self._file

    def _accept(self) -> bool:
        """Serve a request, if any, within a tick; return False if it is time to exit."""
        try:
            connection, _ = self._listener.accept()
        except TimeoutError:
            return True
        with connection:
            request = _receive(connection)
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
    """Return the engine's files that this process has imported."""
    files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
    return [file for file in files if file.startswith(f"{ROOT / 'engine'}/")]


def written(sources: list[str]) -> list[int]:
    """Return the modification time of each file: runs must not be trained by outdated code."""
    return [Path(file).stat().st_mtime_ns if Path(file).exists() else 0 for file in sources]


def _receive(connection: socket.socket) -> Request | None:
    """Return the request; None if the connection only checked that the process listens."""
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
