"""``python -m engine.launch.dispatcher``: one small process that starts queued runs and notices those that died."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from typing import NoReturn

from engine.files import write_atomically
from engine.launch.liveness import kill_marked, run_marker
from engine.launch.places import lock_path, state_path
from engine.launch.reaping import end, identity_of, reap
from engine.launch.runfiles import take_attempt
from engine.launch.slots import auto_kind, can_ever_run, cpu_slots, find_gpus, free_slots, slot_environment
from engine.launch.starter import Starter
from engine.launch.trainer import ENTRY
from engine.launch.wake import Bell, wake
from engine.launch.wishes import ENDS, enforce
from engine.plugins.catalogs import refresh
from engine.store import LIVE, Run, Status, Store

IDLE_SECONDS = 600.0
_BUSY_WAIT = 0.5
_IDLE_WAIT = 2.0
_AFTER_ERROR_WAIT = 2.0
_SPAWN_SECONDS = 60.0
_LOCK_SECONDS = 10.0


class Dispatcher:
    """Everything it must know is in the store and the runs' folders, so that the next one can go on where it ended."""

    def __init__(self, store: Store, starter: Starter) -> None:
        self._store = store
        self._starter = starter
        self._gpus = find_gpus()
        self._mine: dict[tuple[int, int], float] = {}
        self._told: dict[str, object] = {}

    def tick(self) -> bool:
        """One look at everything. False when nothing is queued or live."""
        refresh()
        self._starter.keep()
        reap(self._store)
        for run in self._store.runs.list(LIVE):
            self._watch(run)
        self._start_what_fits()
        self._tell()
        return bool(self._store.runs.list((Status.QUEUED, *LIVE)))

    def _watch(self, run: Run) -> None:
        identity = identity_of(run)
        if identity is not None:
            return enforce(self._store, run, identity)
        # Claimed, and no process yet. If a dispatcher before this one claimed it, it may have died before starting it.
        if (run.id, run.attempt) not in self._mine and take_attempt(run.id, run.attempt):
            self._requeue(run)
        elif time.monotonic() - self._mine.setdefault((run.id, run.attempt), time.monotonic()) > _SPAWN_SECONDS:
            self._give_up(run)
        return None

    def _give_up(self, run: Run) -> None:
        take_attempt(run.id, run.attempt)
        if end(self._store, run, "failed", f"its process did not start within {_SPAWN_SECONDS:.0f} s"):
            kill_marked(run_marker(run.id, run.attempt))

    def _requeue(self, run: Run) -> None:
        """Put back a run that was claimed and never started, or end it as was wished; never more than once in a row."""
        if run.requested in ENDS:
            end(self._store, run, ENDS[run.requested], None)
            return
        again = f"attempt {run.attempt - 1} was never started"
        error = f"attempt {run.attempt} was never started"
        if any(event.message == again for event in self._store.events.of(run.id)):
            end(self._store, run, "failed", f"{error}, nor was the one before")
        elif end(self._store, run, "failed", error):
            self._store.runs.requeue(run.id)

    def _start_what_fits(self) -> None:
        if self._starter.state == "warming":
            return
        while True:
            free = free_slots(self._store, self._store.runs.list(LIVE), self._gpus)
            run = self._store.runs.claim(free, auto_kind(self._gpus)) if free else None
            if run is None:
                break
            self._mine[run.id, run.attempt] = time.monotonic()
            self._starter.start(run, slot_environment(run.slot, self._gpus, cpu_slots(self._store)))
        for run in self._store.runs.list((Status.QUEUED,)):
            if not can_ever_run(run.config["device"], self._gpus):
                self._store.runs.transition(run.id, "failed", expected=("queued",),
                                            error=f"device: this machine has no {run.config['device']}")

    def _tell(self) -> None:
        """For :func:`engine.launch.state.warm_state`, and for whoever looks for this process."""
        now: dict[str, object] = {"pid": os.getpid(), "warm": self._starter.state}
        if now != self._told:
            write_atomically(state_path(), json.dumps(now).encode())
            self._told = now


def serve(dispatcher: Dispatcher, bell: Bell, store: Store, idle_seconds: float) -> None:
    """Look at everything at each wake and twice a second, until nothing was to be done for ``idle_seconds``."""
    busy_at = time.monotonic()
    while True:
        try:
            busy = dispatcher.tick()
        except Exception:
            if not store.path.exists():
                return
            traceback.print_exc()
            time.sleep(_AFTER_ERROR_WAIT)
            continue
        if busy:
            busy_at = time.monotonic()
        elif time.monotonic() - busy_at >= idle_seconds:
            return
        bell.wait(_BUSY_WAIT if busy else min(_IDLE_WAIT, idle_seconds))


@contextlib.contextmanager
def single() -> Iterator[bool]:
    """Whether this process is the home's only dispatcher; one that is just leaving is waited for."""
    with lock_path().open("w") as lock:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if wake() or time.monotonic() > deadline:
                    yield False
                    return
                time.sleep(0.02)
            else:
                yield True
                return


def main(arguments: list[str]) -> int:
    """Exit code 1 when there is a dispatcher already."""
    parser = argparse.ArgumentParser(prog="python -m engine.launch.dispatcher")
    parser.add_argument("--entry", default=ENTRY, help="module:function that trains a run")
    parser.add_argument("--preload", help="modules the warm process imports, separated by commas")
    parser.add_argument("--cold", action="store_true", help="keep no warm process")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="leave after so many idle seconds")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    with single() as alone:
        if not alone:
            print("another dispatcher serves this home", file=sys.stderr)
            return 1
        store = Store.open()
        starter = Starter(given.entry, given.preload, warm=not given.cold)
        while True:
            bell = Bell()
            try:
                serve(Dispatcher(store, starter), bell, store, given.idle)
            finally:
                # From here on a submit starts another dispatcher, which waits for this one's lock.
                bell.close()
                starter.leave()
            if not store.path.exists() or not store.runs.list((Status.QUEUED,)):
                return 0


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
