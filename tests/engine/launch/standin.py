"""A trainer without torch; the run's notes say how it behaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from engine.store import Run, Store

ENTRY = "tests.engine.launch.standin:train"
_ENDS = {"stop": "stopped", "pause": "paused"}


def chat(run_id: int) -> int:
    """Writes a line to each of stdout and stderr; the exit code is the run's id."""
    print("to stdout ✓")
    print("to stderr ✓", file=sys.stderr)
    return run_id


class OutOfMemoryError(RuntimeError):
    """Named and worded like torch's."""


def train(run_id: int) -> int:
    terminated: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: terminated.append(number))
    store = Store.open()
    trace = {"pid": os.getpid(), "gpu": os.environ.get("CUDA_VISIBLE_DEVICES"),
             "threads": len(list(Path("/proc/self/task").iterdir()))}
    run = store.runs.get(run_id)
    return behave(store, run, {"attempt": run.attempt, **trace}, lambda: bool(terminated), os._exit)


def behave(store: Store, run: Run, trace: dict[str, Any], terminated: Callable[[], bool],
           leave: Callable[[int], NoReturn]) -> int:
    """Do as the notes say, wherever a run is trained; ``trace`` is left in the run's folder."""
    with (run.folder / "started.txt").open("a") as file:
        file.write(json.dumps(trace) + "\n")
    if "early" in run.notes:
        leave(7)
    if not store.runs.transition(run.id, "running", expected=("starting",), started_at=time.time()):
        return 1
    if "raise" in run.notes:
        raise ValueError("the sky fell\non two lines")
    if "memory" in run.notes:
        raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    if "flood" in run.notes:
        print("to stdout", flush=True)
        subprocess.run(["sh", "-c", "yes | head -c 100000000"], check=False)
    if "child" in run.notes:
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        (run.folder / "child").write_text(str(child.pid))
    store.runs.transition(run.id, _obey(store, run, terminated), expected=("running",), slot=None)
    return 0


def _obey(store: Store, run: Run, terminated: Callable[[], bool]) -> str:
    """Ends at once, unless the notes say ``wait``: then when asked, or when the file ``go`` appears."""
    while "wait" in run.notes and not Path(run.folder / "go").exists():
        asked = terminated()
        if "deaf" not in run.notes:
            requested = store.runs.get(run.id).requested
            if requested != "run" or (asked and "polite" in run.notes):
                return _ENDS.get(requested, "stopped")
        time.sleep(0.01)
    return "finished"
