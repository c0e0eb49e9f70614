"""A job's process, forked from the warm process or ``python -m engine.launch.launchers.local.worker``."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from engine.crash_log import explained
from engine.errors import user_message
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.warm_client import send_line
from engine.launch.places import jobs_dir
from engine.plugins.catalogs import refresh
from engine.plugins.files import add_files
from engine.plugins.importing import allow_imports
from engine.store import Store

_NICE_WAITED_FOR, _NICE_LEFT = 5, 10
_KILL_FIRST = "1000"
_GRACE_SECONDS = 1.0


def work(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send the pid, run the job, and send its result or its error in one line."""
    left = message.get("left")
    connection.settimeout(None)
    # The alarm ends the process by default, even if nobody waits for it.
    signal.setitimer(signal.ITIMER_REAL, float(message["seconds"]) + _GRACE_SECONDS)
    with _record(message["name"], left["run"]) if left else contextlib.nullcontext():
        send_line(connection, {"pid": os.getpid()})
        answer = _answer(message)
        if left and left["run"] is not None and "error" in answer:
            Store.open().events.add(left["run"], "job", answer["error"])
    send_line(connection, answer)


def lower_priority(nice: int) -> None:
    """Give training runs priority for the CPU, and let the kernel kill this process first if memory runs out."""
    with contextlib.suppress(OSError):
        os.nice(nice)
    # With autogroups, Linux applies a process's niceness only within its session.
    for file, value in (("autogroup", str(nice)), ("oom_score_adj", _KILL_FIRST)):
        with contextlib.suppress(OSError):
            Path("/proc/self", file).write_text(value)


def one_line(name: str, error: Exception) -> str:
    """Describe an error in one line."""
    if known := user_message(error):
        return known
    return f"{name}: {'out of memory' if isinstance(error, MemoryError) else explained(error)[1]}"


def _answer(message: dict[str, Any]) -> dict[str, Any]:
    try:
        call = resolve_name(message["entry"])
        allow_imports()
        add_files(message["plugins"])
        refresh()
        # Lower the priority after the imports, which would take minutes with it.
        lower_priority(_NICE_LEFT if message.get("left") else _NICE_WAITED_FOR)
        return {"result": call(message["request"])}
    except Exception as error:
        return {"error": one_line(message["name"], error)}


@contextlib.contextmanager
def _record(name: str, run: int | None) -> Iterator[None]:
    """Record the running job in a file."""
    identity = Identity.of(os.getpid())
    path = jobs_dir() / f"{name}-{identity.pid}.json"
    record = {"name": name, "run": run, "started": time.time(), "identity": asdict(identity)}
    path.write_text(json.dumps(record))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def main() -> None:
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as connection:
        line = connection.makefile("rb").readline()
        if line:
            work(connection, json.loads(line))


if __name__ == "__main__":
    main()
