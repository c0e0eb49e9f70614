"""``python -m engine.launch.dispatcher``: the process that starts queued runs and detects those that died."""

import argparse
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from engine.disk_space import full_message, no_room
from engine.errors import user_message
from engine.home import artifacts_dir, notify_path
from engine.launch.jobs import running_jobs, start_job
from engine.launch.launcher import Handle, Launcher, Running, Seen, Ticket, Unknown, Waiting, launchers
from engine.launch.launchers.local.wakeup import WakeSocket, exit_on_termination, single
from engine.launch.launchers.local.worker_client import starts_at_once
from engine.launch.reaping import end, poll_live, settle
from engine.launch.requests import enforce
from engine.launch.slots import auto_kind, can_ever_run, cpu_slots
from engine.plugins.catalogs import refresh
from engine.store import LIVE, Run, Status, Store
from engine.store.trash import keep_up

ENTRY = "engine.runner.main:train_run"
IDLE_SECONDS = 600.0
_BUSY_WAIT = 0.5
_IDLE_WAIT = 2.0
_AFTER_ERROR_WAIT = 2.0
_LONGEST_TELLING = 600.0


class Dispatcher:
    """Starts and watches runs. Its state is in the store and the launchers, so another dispatcher can take over."""

    def __init__(self, store: Store, launchers: Mapping[str, Launcher], entry: str = ENTRY) -> None:
        self._store = store
        self._launchers = launchers
        self._entry = entry
        self._waiting_from: dict[tuple[int, int], float] = {}
        self._told_of: frozenset[tuple[object, ...]] | None = None

    def tick(self) -> bool:
        """Check all runs once; return whether any is queued or live."""
        refresh()
        for launcher in self._launchers.values():
            launcher.keep()
        for run, handle, seen in poll_live(self._store, self._launchers):
            if seen is None or not settle(self._store, run, handle, seen, self._launchers):
                self._watch(run, handle, seen)
        self._start_queued()
        keep_up(self._store.connections)
        open_runs = self._store.runs.list((Status.QUEUED, *LIVE))
        self._tell(open_runs)
        return bool(open_runs)

    def _tell(self, open_runs: Sequence[Run]) -> None:
        """Start the job that sends messages when a run has begun, ended or finished an epoch since the last job."""
        now = frozenset((run.id, run.attempt, run.status, run.epoch) for run in open_runs)
        if now != self._told_of and notify_path().exists() and starts_at_once() and not running_jobs("notify"):
            self._told_of = now
            start_job("notify", {}, seconds=_LONGEST_TELLING)

    def _watch(self, run: Run, handle: Handle, seen: Seen | None) -> None:
        launcher = self._launchers.get(handle.launcher)
        if launcher is None or isinstance(seen, Unknown):
            return
        if not isinstance(seen, Running) and self._waiting_seconds(run) > launcher.start_seconds:
            self._give_up(run, handle, launcher)
        elif seen is None:
            # Claimed, but submitting it failed, or the dispatcher died before.
            self._submit(run, handle.launcher)
        else:
            enforce(self._store, run, handle, launcher, waits=isinstance(seen, Waiting))

    def _waiting_seconds(self, run: Run) -> float:
        """Return the seconds since this dispatcher first noticed that the attempt has no process."""
        now = time.monotonic()
        return now - self._waiting_from.setdefault((run.id, run.attempt), now)

    def _give_up(self, run: Run, handle: Handle, launcher: Launcher) -> None:
        if handle.job:
            launcher.kill(handle)
        end(self._store, run, "failed", full_message(no_room(artifacts_dir()))
            or f"its process did not start within {launcher.start_seconds:.0f} s")

    def _submit(self, run: Run, name: str) -> None:
        handle = self._launchers[name].submit(run, Ticket(self._entry, cpu_slots(self._store)))
        self._store.runs.update(run.id, handle=asdict(handle))

    def _start_queued(self) -> None:
        for name, launcher in self._launchers.items():
            held = {run.slot for run in self._store.runs.list(LIVE) if run.slot}
            free, auto = launcher.room(held, cpu_slots(self._store)), auto_kind(launcher.devices())
            while free and (run := self._store.runs.claim(free, auto, handle=asdict(Handle(name)))) is not None:
                free = [slot for slot in free if slot != run.slot]
                self._submit(run, name)
        devices = [launcher.devices() for launcher in self._launchers.values()]
        for run in self._store.runs.list((Status.QUEUED,)):
            if not any(can_ever_run(run.config["device"], those) for those in devices):
                self._store.runs.transition(run.id, "failed", expected=("queued",),
                                            error=f"device: this machine has no {run.config['device']}")


def serve(dispatcher: Dispatcher, waker: WakeSocket, store: Store, idle_seconds: float) -> None:
    """Tick at each wake and twice a second, until there was nothing to do for ``idle_seconds``."""
    busy_at = time.monotonic()
    while store.path.exists():  # else the home was moved or deleted, and is not to come back
        try:
            busy = dispatcher.tick()
        except Exception as error:
            print(user_message(error), file=sys.stderr) if user_message(error) else traceback.print_exc()
            time.sleep(_AFTER_ERROR_WAIT)
            continue
        if busy:
            busy_at = time.monotonic()
        elif time.monotonic() - busy_at >= idle_seconds:
            return
        waker.wait(_BUSY_WAIT if busy else min(_IDLE_WAIT, idle_seconds))


def main(arguments: list[str]) -> int:
    """Run the dispatcher; the exit code is 1 if another one is running."""
    parser = argparse.ArgumentParser(prog="python -m engine.launch.dispatcher")
    parser.add_argument("--entry", default=ENTRY, help="module:function that trains a run")
    parser.add_argument("--preload", help="modules the warm process imports, separated by commas")
    parser.add_argument("--cold", action="store_true", help="keep no warm process")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="exit after these seconds without work")
    given = parser.parse_args(arguments)
    exit_on_termination()
    with single() as alone:
        if not alone:
            print("another dispatcher serves this home", file=sys.stderr)
            return 1
        store = Store.open()
        there = launchers(local={"warm": not given.cold, "preload": given.preload})
        while True:
            waker = WakeSocket()
            try:
                serve(Dispatcher(store, there, given.entry), waker, store, given.idle)
            finally:
                # From here on a submit starts another dispatcher, which waits for this one's lock.
                waker.close()
                for launcher in there.values():
                    launcher.leave()
            if not store.path.exists() or not store.runs.list((Status.QUEUED,)):
                return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
