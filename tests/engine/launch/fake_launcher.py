"""A launcher without processes: its trainers are threads, and its state is that of a cluster, outside dispatchers."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Collection, Sequence
from typing import NoReturn

from engine.launch.launcher import Ended, Handle, Launcher, Running, Seen, Ticket, Waiting
from engine.launch.log import attempt_header, log_file
from engine.launch.slots import free_slots
from engine.store import Run, Store
from tests.engine.launch.standin import behave

CLUSTER: dict[Handle, _Trainer] = {}
CLOGGED = "clogged"
"""A run whose notes hold it waits for ever."""


class Fake(Launcher):
    """Trains stand-in runs by :func:`tests.engine.launch.standin.behave`."""

    start_seconds = 3.0

    def devices(self) -> list[str]:
        return ["cpu"]

    def room(self, held: Collection[str], cpus: int) -> list[str]:
        return free_slots(self.devices(), held, cpus)

    def submit(self, run: Run, ticket: Ticket) -> Handle:
        handle = Handle("fake", f"job-{run.id}-{run.attempt}")
        if handle not in CLUSTER:
            CLUSTER[handle] = _Trainer(run)
            CLUSTER[handle].start()
        return handle

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Seen]:
        return {handle: CLUSTER[handle].seen for handle in handles if handle in CLUSTER}

    def kill(self, handle: Handle, *, gently: bool = False) -> None:
        trainer = CLUSTER[handle]
        trainer.told = "terminate" if gently else "die"
        if isinstance(trainer.seen, Waiting) and not gently:
            trainer.seen = Ended(-9, "killed by signal 9")


class _Killed(BaseException):
    """Ends a thread where it is."""


class _Trainer(threading.Thread):
    def __init__(self, run: Run) -> None:
        super().__init__(daemon=True)
        self.seen: Seen = Waiting("the partition is down") if CLOGGED in run.notes else Running("node-1")
        self.told = ""
        self._run = run

    def run(self) -> None:
        run = self._run
        run.folder.mkdir(parents=True, exist_ok=True)
        with log_file(run.id).open("a") as log:
            print(attempt_header(run.attempt), file=log)
        try:
            if isinstance(self.seen, Running):
                behave(Store.open(), run, {"attempt": run.attempt}, self._terminated, _exit)
                self.seen = Ended(0)
        except SystemExit as error:
            self.seen = Ended(int(str(error.code)))
        except _Killed:
            self.seen = Ended(-9, "killed by signal 9")
        except Exception:
            with log_file(run.id).open("a") as log:
                traceback.print_exc(file=log)
            self.seen = Ended(1)

    def _terminated(self) -> bool:
        if self.told == "die":
            raise _Killed
        return self.told == "terminate"


def _exit(code: int) -> NoReturn:
    raise SystemExit(code)


def clear() -> bool:
    """Tell every trainer to die; whether none is left."""
    for trainer in CLUSTER.values():
        trainer.told = "die"
    return not any(trainer.is_alive() for trainer in CLUSTER.values())
