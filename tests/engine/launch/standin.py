"""A trainer without torch; the run's notes say how it behaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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
    store = Store.open()
    run = store.runs.get(run_id)
    _leave_trace(run)
    if "early" in run.notes:
        os._exit(7)
    if not store.runs.transition(run_id, "running", expected=("starting",), started_at=time.time()):
        return 1
    if "raise" in run.notes:
        raise ValueError("the sky fell\non two lines")
    if "memory" in run.notes:
        raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    if "child" in run.notes:
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        (run.folder / "child").write_text(str(child.pid))
    status = _obey(store, run)
    store.runs.transition(run_id, status, expected=("running",), slot=None)
    return 0


def _leave_trace(run: Run) -> None:
    with (run.folder / "started.txt").open("a") as trace:
        trace.write(json.dumps({"attempt": run.attempt, "pid": os.getpid(), "gpu": os.environ.get(
            "CUDA_VISIBLE_DEVICES"), "threads": len(list(Path("/proc/self/task").iterdir()))}) + "\n")


def _obey(store: Store, run: Run) -> str:
    """Ends at once, unless the notes say ``wait``: then when asked, or when the file ``go`` appears."""
    terminated: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: terminated.append(number))
    while "wait" in run.notes and not Path(run.folder / "go").exists():
        if "deaf" not in run.notes:
            requested = store.runs.get(run.id).requested
            if requested != "run" or (terminated and "polite" in run.notes):
                return _ENDS.get(requested, "stopped")
        time.sleep(0.01)
    return "finished"
