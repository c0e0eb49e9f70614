"""Recording metrics from a trainer: microseconds per call, and store failures never reach the training loop."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from engine.home import HomeWatch, run_dir
from engine.store.connect import FileId, file_id
from engine.store.faults import RunGoneError
from engine.store.journal import Entry, JournalWriter, discard_line, journal_path, logged_line
from engine.store.replay import apply, replay, set_progress


class Trouble:
    """Reports problems on stderr, which is a run's log; ``remember`` is called with a message when one is over."""

    def __init__(self, remember: Callable[[str], None]) -> None:
        self._remember = remember
        self._reported: str | None = None
        self._since = 0.0

    def update(self, trouble: str | None) -> None:
        """Report the start or the end of a problem since the last call.

        Raises:
            Exception: raised by ``remember``; the next call tries again.
        """
        if trouble is not None and self._reported is None:
            self._reported, self._since = trouble, time.monotonic()
            _say(trouble)
        elif trouble is None and self._reported is not None:
            over = f"recorded again after {time.monotonic() - self._since:.0f} s: {self._reported}"
            self._remember(over)
            self._reported = None
            _say(over)


def _say(line: str) -> None:
    """Print a line; ignore errors, because the log may be on the full disk."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


if TYPE_CHECKING:
    from engine.store.store import Store

_EVERY = 0.5
_FIRST = 0.1  # faster until the first values are in the database, so that the run appears soon
_HEARTBEAT = 2.0
_GONE_SECONDS = 10.0
_BATCH = 20_000
_PENDING = 200_000


class Recorder:
    """Records one attempt of a run: calls write to the journal at once, a thread writes them to the database.

    ``home_change`` says what happened to the home, if anything did; the run is then stopped.

    ``trouble`` is the problem that keeps metrics out of the database, in one line, or None. Its start and end are
    printed on stderr, and its end becomes an event of the run.
    """

    def __init__(self, store: Store, run_id: int, attempt: int) -> None:
        self._store = store
        self._run_id = run_id
        self._attempt = attempt
        self._pending: deque[Entry] = deque()
        self._file: FileId | None = None
        self._names: set[str] = set()
        self._requested = "run"
        self._signalled: str | None = None
        self._home = HomeWatch()
        self.home_change = ""
        self._seen_at, self._has_row = time.monotonic(), True
        self._beaten = 0.0
        self._shown = False
        self._flushing = threading.Lock()
        self._closing = threading.Event()
        self._database_trouble: str | None = None
        self._trouble = Trouble(lambda message: store.events.add(run_id, "trouble", message))
        self._thread = threading.Thread(target=self._keep_flushing, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._journal = JournalWriter(journal_path(run_dir(self._run_id), self._attempt))
        self._flush()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._closing.set()
        self._thread.join()
        self._flush()
        self._journal.close()
        self._home.close()

    @property
    def requested(self) -> str:
        """The current request, ``run``, ``stop`` or ``pause``, at most half a second old."""
        return self._signalled or self._requested

    @requested.setter
    def requested(self, request: str) -> None:
        self._signalled = request

    @property
    def trouble(self) -> str | None:
        return self._database_trouble or self._journal.trouble

    def log(self, step: int, values: Mapping[str, float], epoch: int) -> None:
        """Record named values of a step; later values of a name and step replace earlier ones.

        Raises:
            ValueError: a name contains a space, a line break or ``=``.
        """
        pairs = [(name, float(value)) for name, value in values.items()]
        if not self._names.issuperset(values):
            self._check_names(values)
        self._journal.append(logged_line(step, epoch, pairs))
        self._pending.append(Entry(self._journal.offset, step, epoch, pairs))

    def resume_from(self, step: int) -> None:
        """Discard everything recorded after ``step``; call this before logging again."""
        self._journal.append(discard_line(step))
        self._pending.append(Entry(self._journal.offset, step, 0, None))
        self._flush()

    def _check_names(self, values: Mapping[str, float]) -> None:
        for name in values:
            if not name or "=" in name or len(name.split()) != 1 or name.strip() != name:
                raise ValueError(f"metric name {name!r} must be one word without '='")
        self._names.update(values)

    def _keep_flushing(self) -> None:
        while not self._closing.wait(_EVERY if self._shown else _FIRST):
            self._flush()

    def _check_home(self) -> None:
        """A run without its home ends: nobody could see it, stop it, or find what it writes."""
        if not self.home_change:
            self.home_change = self._home.change() or self._database_change()
            if self.home_change:
                self._signalled = "stop"
                _say(f"stopped: {self.home_change}")

    def _database_change(self) -> str:
        """A database that is put back or repaired in time has this run; any other is not the run's."""
        path = self._store.connections.path
        if file_id(path) is not None:
            self._seen_at = time.monotonic()
        elif time.monotonic() - self._seen_at > _GONE_SECONDS:
            return f"{path} was deleted"
        return "" if self._has_row else f"{path} was replaced by one without this run"

    def _flush(self) -> None:
        """Write pending entries to the database; on failure they stay pending, and in the journal."""
        with self._flushing:
            self._check_home()
            if self.home_change:
                return
            self._journal.retry()
            try:
                self._catch_up()
                self._flush_batch()
                while len(self._pending) >= _BATCH:
                    self._flush_batch()
                self._database_trouble = None
                self._trouble.update(self.trouble)
            except RunGoneError:
                self._has_row = False
            except Exception as error:  # training continues whatever fails in the store
                self._database_trouble = f"{error} (metrics are kept in the run's journal and retried)"
                self._trouble.update(self.trouble)
                self._limit_memory()

    def _catch_up(self) -> None:
        """Replay the journals at the start, after pending entries were dropped, and into a repaired database."""
        connections = self._store.connections
        file = file_id(connections.path)
        if file != self._file:
            replay(connections, self._run_id)
            self._file = file

    def _flush_batch(self) -> None:
        connections = self._store.connections
        batch = [self._pending[index] for index in range(min(len(self._pending), _BATCH))]
        now = time.time()
        if batch or now - self._beaten >= _HEARTBEAT:
            progress: dict[str, Any] = {"heartbeat_at": now}
            if batch:
                progress |= {"journal_attempt": self._attempt, "journal_offset": batch[-1].end}
            with connections.writing() as connection:
                set_progress(connection, self._run_id, progress)
                apply(connection, self._run_id, batch)
            self._beaten, self._shown = now, self._shown or bool(batch)
        for _ in batch:
            self._pending.popleft()
        with connections.reading() as connection:
            rows = connection.execute("SELECT requested FROM runs WHERE id = ?", (self._run_id,)).fetchall()
        self._requested, self._has_row = rows[0][0] if rows else self._requested, bool(rows)

    def _limit_memory(self) -> None:
        """Drop pending entries, which are safe in the journal, if the database has been unavailable for long."""
        if len(self._pending) > _PENDING and self._journal.trouble is None:
            self._file = None
            self._pending.clear()
