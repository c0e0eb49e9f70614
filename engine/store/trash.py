"""The trash: deleted runs, which can be put back for a week; and the daily upkeep of the store."""

import contextlib
import time

from engine.errors import UserError
from engine.store.connect import Connections
from engine.store.run import Run
from engine.store.runs import Runs
from engine.store.schema import LIVE, Status
from engine.store.snapshots import keep_daily

KEPT_DAYS = 7
_KEPT_SECONDS = KEPT_DAYS * 86_400.0


class Trash:
    """The trash of one store. Its runs keep their rows and folders, and nothing else finds them."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def runs(self) -> list[Run]:
        """Return the runs in the trash, newest first."""
        return self._runs.list(trashed=True)

    def put(self, run_id: int) -> None:
        """Move a run to the trash. A queued one is stopped.

        Raises:
            UserError: no such run, or it is live.
        """
        run = self._runs.get(run_id)
        if run.status in LIVE:
            raise UserError(f"run {run.name} is {run.status}: stop it before deleting it")
        queued, now = run.status is Status.QUEUED, time.time()
        if not self._runs.transition(run_id, Status.STOPPED if queued else run.status, expected=(run.status,),
                                     trashed_at=now, ended_at=now if queued else run.ended_at):
            raise UserError(f"run {run.name} has changed meanwhile: try again")

    def put_back(self, run_id: int) -> None:
        """Take a run out of the trash.

        Raises:
            UserError: it is not there.
        """
        if not any(run.id == run_id for run in self.runs()):
            raise UserError(f"trash: no run {run_id} is in the trash")
        self._runs.update(run_id, trashed_at=None)

    def empty(self, *, older_than: float = 0.0) -> list[Run]:
        """Remove its runs for good, or those that are there for longer than so many seconds; return them."""
        before = time.time() - older_than
        gone = []
        for run in [run for run in self.runs() if (run.trashed_at or 0) <= before]:
            with contextlib.suppress(UserError):  # put back, or removed by another process, in the meantime
                self._runs.delete(run.id, from_trash=True)
                gone.append(run)
        return gone


def keep_up(connections: Connections) -> None:
    """Take the day's snapshot, and remove what has been in the trash for a week."""
    keep_daily(connections)
    if not connections.read_only:
        with contextlib.suppress(UserError):  # a home that is gone or full is noticed by others; this is tried again
            Trash(Runs(connections)).empty(older_than=_KEPT_SECONDS)


def last_day(run: Run) -> str:
    """Return the day on which a run in the trash is removed: ``2026-12-07``."""
    return time.strftime("%Y-%m-%d", time.localtime((run.trashed_at or time.time()) + _KEPT_SECONDS))
