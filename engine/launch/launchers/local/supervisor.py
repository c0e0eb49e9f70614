"""A trainer's supervisor: its parent process, which records how it ended.

``python -m engine.launch.launchers.local.supervisor RUN_ID ATTEMPT ENTRY`` starts both cold.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from engine.home import HomeWatch
from engine.launch.launchers.local.cgroups import cgroup_oom_kills
from engine.launch.launchers.local.runfiles import take_attempt, write_exit
from engine.launch.launchers.local.trainer import become_trainer
from engine.launch.launchers.local.wakeup import wake
from engine.launch.log import keep_short, log_file, shorten


def supervise(run_id: int, attempt: int, work: Callable[[], int]) -> None:
    """Fork a trainer that calls ``work`` in a new session, wait for it, and write ``exit.json``.

    Return at once if the attempt was started or given up before.
    """
    if not take_attempt(run_id, attempt):
        return
    kills_before, watch = _oom_kills(), HomeWatch()
    pid = os.fork()
    if pid == 0:
        become_trainer(run_id, attempt, work)
    keep_short(log_file(run_id))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    watch.change()  # from here on, the home is where it was moved to
    shorten(log_file(run_id))  # what it printed last, since the thread looked
    write_exit(run_id, attempt, max(code, 0), max(-code, 0), _oom_kills() > kills_before, peak)
    wake()


def _oom_kills() -> int:
    """Return the number of out-of-memory kills on this machine and in this control group; 0 if unknown."""
    with contextlib.suppress(OSError):
        words = Path("/proc/vmstat").read_text().split()
        if "oom_kill" in words:
            return int(words[words.index("oom_kill") + 1]) + cgroup_oom_kills()
    return cgroup_oom_kills()


def _execute(run_id: int, entry: str) -> NoReturn:
    """Execute a new interpreter, so that its environment shows the run's marker."""
    code = f"import sys; from engine.launch.launchers.local.trainer import call; sys.exit(call({entry!r}, {run_id}))"
    os.execv(sys.executable, [sys.executable, "-u", "-c", code])


def main(run_id: int, attempt: int, entry: str) -> None:
    supervise(run_id, attempt, lambda: _execute(run_id, entry))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
