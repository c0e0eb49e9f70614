"""Creating, finding, changing and deleting rows of the table ``runs``."""

import json
import shutil
import time
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError, UserError, nearest
from engine.home import run_dir
from engine.store.connect import Connections
from engine.store.mirror import forget_run, keep_run
from engine.store.run import Run, select_runs
from engine.store.run_row import LARGEST_ID, change_run, run_key, unknown_run
from engine.store.schema import ENDED, LIVE, REQUESTS, Status
from engine.store.slots import fitting_slot, still_free
from engine.store.values import marks, to_sql

if TYPE_CHECKING:
    from engine.config import RunConfig

_LONGEST_REF = 120

Found = list[Run]


class Runs:
    """The runs of one store."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def create(self, config: "RunConfig", *, status: str = "queued", environment: dict[str, Any],
               git_commit: str | None, git_dirty: bool, origin: dict[str, Any] | None = None,
               parent: int | None = None) -> Run:
        """Create a run with the tags and notes of its config, and a proposed name if the config has none.

        Args:
            origin: the source of an imported run.
            parent: the run whose options were taken, and perhaps changed.
        """
        from engine.config import with_name

        config = with_name(config)
        columns = {"name": config.name, "status": status, "config": config.model_dump(mode="json"),
                   "config_hash": config.hash(), "environment": environment, "git_commit": git_commit,
                   "git_dirty": git_dirty, "tags": list(config.tags), "notes": config.notes, "created_at": time.time(),
                   "origin": origin or {}, "parent": parent}
        names = ", ".join(columns)
        with self._connections.writing() as connection:
            statement = f"INSERT INTO runs ({names}) VALUES ({marks(columns)}) RETURNING id"
            run_id: int = connection.execute(statement, to_sql(columns.values())).fetchall()[0][0]
        keep_run(self._connections, run_id)
        return self.get(run_id)

    def get(self, run_id: int) -> Run:
        """Return the run with this id.

        Raises:
            UserError: there is none.
        """
        found = self._select("runs.id = ?", [run_key(run_id)])
        if not found:
            raise unknown_run(run_id)
        return found[0]

    def find(self, ref: str) -> Run:
        """Return the run with this id or name, the newest of several with that name.

        Raises:
            UserError: there is none, or it is in the trash; lists the nearest names.
        """
        runs = self.matching(ref)
        if runs:
            return runs[0]
        if self.matching(ref, trashed=True):
            raise UserError(f"run: {ref} is in the trash; `python -m engine trash --put-back {ref}` takes it out")
        with self._connections.reading() as connection:
            found = connection.execute("SELECT DISTINCT name FROM runs WHERE trashed_at IS NULL").fetchall()
        names = [row[0] for row in found]
        close = nearest(ref, names)
        shown = ref if len(ref) <= _LONGEST_REF else f"{ref[:_LONGEST_REF]}…"
        raise UserError(f"run: no run {shown!r}" + (f"; nearest: {', '.join(close)}" if close else ""))

    def matching(self, ref: str, *, trashed: bool = False) -> Found:
        """Return every run with this id or name, newest first; ``trashed``: of those in the trash."""
        ref = str(ref)
        if ref.isascii() and ref.isdigit() and len(ref) <= len(str(LARGEST_ID)):
            return self._select("runs.id = ?", [run_key(int(ref))], trashed=trashed)
        return self._select("runs.name = ?", [ref], trashed=trashed)

    def list(self, status: Collection[str] | None = None, *, trashed: bool = False, newest: int = -1) -> Found:
        """Return all runs, or those in one of the given states, newest first.

        Args:
            trashed: of those in the trash.
            newest: only so many, and none that is archived.
        """
        condition = "TRUE" if status is None else f"runs.status IN ({marks(status)})"
        shown = "" if newest < 0 else " AND runs.archived_at IS NULL"
        return self._select(condition + shown, [*(status or ())], trashed=trashed, limit=newest)

    def revisions(self) -> dict[int, int]:
        """Return the revision of every run outside the trash by its id, newest first."""
        with self._connections.reading() as connection:
            return dict(connection.execute("SELECT id, revision FROM runs WHERE trashed_at IS NULL ORDER BY id DESC")
                        .fetchall())

    def some(self, run_ids: Collection[int]) -> Found:
        """Return the runs with these ids, newest first."""
        return self._select("runs.id IN (SELECT value FROM json_each(?))", [json.dumps([*run_ids])])

    def of_study(self, hashes: Collection[str], study: str) -> Found:
        """Return runs with one of these config hashes, and those imported for the study, oldest first."""
        return self._select(f"runs.config_hash IN ({marks(hashes)}) OR runs.origin ->> 'study' = ?",
                            [*hashes, study])[::-1]

    def claim(self, devices_free: Sequence[str], auto: str = "cpu", **columns: Any) -> Run | None:
        """Move the first queued run that fits a free slot to ``starting``, and set columns; None if none fits.

        Runs are ordered by priority, then age. The transaction checks the slots again, so no run is claimed twice and
        no slot is used twice. ``auto`` is the kind of device for runs with device ``auto``; they wait for that kind.
        """
        if not self._waiting():
            return None
        with self._connections.writing() as connection:
            waiting = connection.execute("SELECT id, config ->> 'device' AS device FROM runs WHERE status = 'queued' "
                                         "AND trashed_at IS NULL ORDER BY priority DESC, id").fetchall()
            free = still_free(connection, devices_free)
            fits = ((row["id"], fitting_slot(row["device"], free, auto)) for row in waiting)
            run_id, slot = next(((run_id, slot) for run_id, slot in fits if slot is not None), (None, None))
            if run_id is None:
                return None
            change_run(connection, run_id, {"status": Status.STARTING, "slot": slot, **columns}, (Status.QUEUED,))
        keep_run(self._connections, run_id)
        return self.get(run_id)

    def claim_paused(self, run: Run, devices_free: Sequence[str], auto: str = "cpu", **columns: Any) -> Run:
        """Move a paused run to ``starting``, in the first free slot that fits or in none, and set columns.

        The transaction checks the slots again. A run that is no longer paused is unchanged.
        """
        with self._connections.writing() as connection:
            slot = fitting_slot(run.config["device"], still_free(connection, devices_free), auto)
            change_run(connection, run.id, {"status": Status.STARTING, "slot": slot, **columns}, (Status.PAUSED,))
        keep_run(self._connections, run.id)
        return self.get(run.id)

    def update(self, run_id: int, **columns: Any) -> None:
        """Set columns of a run. A final status also sets ``ended_at``, unless it is given.

        Raises:
            UserError: no such run.
            ValueError: no such column.
        """
        if not self._set(run_id, columns):
            raise unknown_run(run_id)

    def transition(self, run_id: int, to: str, *, expected: Collection[str], **columns: Any) -> bool:
        """Set the status and columns if the current status is one of ``expected``; return whether it was."""
        return self._set(run_id, {"status": to, **columns}, expected)

    def request(self, run_id: int, request: str) -> None:
        """Request that a run shall ``stop``, ``pause`` or ``run`` again.

        Raises:
            UserError: no such run.
            ValueError: no such request.
        """
        if request not in REQUESTS:
            raise ValueError(f"request {request!r} is not one of {', '.join(REQUESTS)}")
        self.update(run_id, requested=request)

    def requeue(self, run_id: int, epochs: int | None = None, **options: Any) -> None:
        """Queue a run that is not live for another attempt, optionally with a new number of epochs.

        With ``epochs``, early stopping starts again from the current epoch, stored in ``resolved``.

        Args:
            options: other options that the next attempt shall have.

        Raises:
            UserError: no such run, it is queued or live, has trained more than ``epochs``, was imported, or its options
                are invalid.
        """
        from engine.config import parse_config

        run = self.get(run_id)
        if run.is_imported:
            raise UserError(f"run {run.name} cannot be resumed. {run.lacks}")
        # The next attempt may not run out of memory.
        resolved = {key: value for key, value in run.resolved.items() if key != "out_of_memory"}
        config = run.config | options
        if epochs is not None:
            if epochs < run.epoch:
                raise UserError(f"epochs: {epochs} is less than the {run.epoch} that run {run.name} has trained")
            config, resolved = {**config, "epochs": epochs}, {**resolved, "continued_at": run.epoch}
        columns = {"config": config, "config_hash": parse_config(config).hash(), "requested": "run",
                   "resolved": resolved, "error": None, "exit_code": None, "ended_at": None, "heartbeat_at": None,
                   "handle": {}, "slot": None, "pid": None}
        if not self._set(run_id, {"status": Status.QUEUED, **columns}, (*ENDED, Status.PAUSED),
                         "attempt = attempt + 1, "):
            raise UserError(f"run {run.name} is {self.get(run_id).status}: only ended or paused runs can be resumed")

    def put_next(self, run_id: int) -> bool:
        """Let a queued run start before all others that are queued; return whether it was queued."""
        return self._set(run_id, {}, (Status.QUEUED,), "priority = (SELECT max(priority) + 1 FROM runs), ")

    def rename(self, run_id: int, name: str) -> None:
        """Give a run another name; its options stay as they were.

        Raises:
            UserError: no such run, or the name is not allowed.
        """
        from engine.config import parse_config

        name = parse_config({"name": name.strip()}).name
        if not name:
            raise ConfigError("name", name, "a name of 1 to 120 characters")
        self.update(run_id, name=name)

    def archive(self, run_id: int, *, undo: bool = False) -> None:
        """Leave a run out of lists, or show it again; studies count it all the same.

        Raises:
            UserError: no such run.
        """
        self.update(run_id, archived_at=None if undo else time.time())

    def delete(self, run_id: int, *, from_trash: bool = False) -> None:
        """Remove a run for good: its rows, then its folder.

        Args:
            from_trash: only if it is still in the trash.

        Raises:
            UserError: no such run, or it is live.
        """
        trashed = self._select("runs.id = ?", [run_key(run_id)], trashed=True)
        run = trashed[0] if trashed else self.get(run_id)
        still = " AND trashed_at IS NOT NULL" * from_trash
        with self._connections.writing() as connection:
            gone = connection.execute(f"DELETE FROM runs WHERE id = ? AND status NOT IN ({marks(LIVE)}){still}",
                                      (run_id, *LIVE)).rowcount
        if not gone:
            raise UserError(f"run {run.name} is {run.status}: stop it before deleting it")
        forget_run(run_id)
        shutil.rmtree(run_dir(run_id), ignore_errors=True)

    def set_tags(self, run_id: int, tags: Iterable[str]) -> None:
        """Replace the tags, without repeats.

        Raises:
            UserError: no such run.
        """
        self.update(run_id, tags=list(dict.fromkeys(tags)))

    def set_notes(self, run_id: int, notes: str) -> None:
        """Replace the notes.

        Raises:
            UserError: no such run.
        """
        self.update(run_id, notes=notes)

    def _waiting(self) -> bool:
        with self._connections.reading() as connection:
            return bool(connection.execute("SELECT 1 FROM runs WHERE status = 'queued' AND trashed_at IS NULL "
                                           "LIMIT 1").fetchall())

    def _select(self, condition: str, values: Sequence[Any], *, trashed: bool = False, limit: int = -1) -> Found:
        """Return the runs of the trash, or all others, that meet a condition, newest first."""
        # The plus lets SQLite look for the few runs in the trash by their index, not in the order of all runs.
        clause = (f"WHERE runs.trashed_at IS {'NOT ' * trashed}NULL AND ({condition}) "
                  f"ORDER BY {'+' * trashed}runs.id DESC LIMIT ?")
        with self._connections.reading() as connection:
            return select_runs(connection, clause, [*values, limit])

    def _set(self, run_id: int, columns: dict[str, Any], expected: Collection[str] = tuple(Status),
             also: str = "") -> bool:
        with self._connections.writing() as connection:
            changed = change_run(connection, run_id, columns, expected, also)
        if changed:
            keep_run(self._connections, run_id)
        return changed
