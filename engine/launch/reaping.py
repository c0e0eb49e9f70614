"""Detecting runs whose trainer has died, and marking them."""

import time
from collections.abc import Mapping

from engine.disk_space import full_message, no_room
from engine.errors import is_memory_message, memory_message
from engine.files import sweep
from engine.launch import requests
from engine.launch.capacity import available_bytes
from engine.launch.launcher import Ended, Handle, Launcher, Seen, Unknown, Waiting, handle_of, launchers
from engine.launch.log import last_error, log_file, log_tail
from engine.store import LIVE, Run, Status, Store


def cause_of_death(run: Run, ended: Ended) -> str:
    """Explain in a sentence why a run's trainer ended before the run was over."""
    error = ended.how or _logged_error(run) or no_room(run.folder)
    if is_memory_message(error):
        return memory_message(error, run.config["batch_size"])
    return full_message(error, run.folder) or error or f"exited with code {ended.exit_code} before the run was over"


def died_of_memory(run: Run, ended: Ended) -> bool:
    """Return whether the run ran out of memory."""
    return ended.out_of_memory or (not ended.how and is_memory_message(_logged_error(run) or ""))


def _logged_error(run: Run) -> str | None:
    return last_error(log_tail(log_file(run.id), run.attempt))


_SILENT_SECONDS = 900


def reap(store: Store) -> list[Run]:
    """Mark live runs whose trainer has died as ``failed`` or ``lost``, with the cause; return them.

    A run that ends at the same moment keeps its own status. Runs that are silent but alive, not submitted yet, or of
    unknown state are left alone; runs of unknown state, or started without a trace of their trainer, are ``lost``
    after 15 minutes without a heartbeat.
    """
    if store.read_only:
        return []
    there = launchers()
    return [store.runs.get(run.id) for run, handle, seen in poll_live(store, there)
            if seen is not None and settle(store, run, handle, seen, there)]


def poll_live(store: Store, launchers: Mapping[str, Launcher]) -> list[tuple[Run, Handle, Seen | None]]:
    """Return every live run, its handle, and its state at the launcher; None if not submitted."""
    handles = [(run, handle_of(run)) for run in store.runs.list(LIVE)]
    found: dict[Handle, Seen] = {}
    for name, launcher in launchers.items():
        found |= launcher.poll([handle for _, handle in handles if handle.launcher == name and handle.job])
    return [(run, handle, found.get(handle, Unknown(handle.launcher)) if handle.job else None)
            for run, handle in handles]


def settle(store: Store, run: Run, handle: Handle, seen: Seen, launchers: Mapping[str, Launcher]) -> bool:
    """Mark a live run whose trainer has died; return whether it was marked."""
    if isinstance(seen, Unknown) or (isinstance(seen, Waiting) and run.status is not Status.STARTING):
        node = seen.node if isinstance(seen, Unknown) else "its trainer"
        if isinstance(seen, Waiting) and run.silence and not log_file(run.id).exists():
            return end(store, run, "lost", f"{run.folder} was deleted, and its trainer gives no sign of life any more")
        return _silent(run) and end(store, run, "lost", f"no sign of life from {node} any more")
    if not isinstance(seen, Ended):
        return False
    if seen.lost:
        return end(store, run, "lost", seen.how)
    done = _mark_dead(store, run, seen)
    if done:
        launchers[handle.launcher].kill(handle)  # its children may have survived
        for folder in (run.folder, run.folder / "checkpoints"):
            sweep(folder)
    return done


def end(store: Store, run: Run, status: str, error: str | None, exit_code: int | None = None) -> bool:
    """Set a live run's final status, unless its status has changed since it was read."""
    done = store.runs.transition(run.id, status, expected=(run.status,), error=error, exit_code=exit_code, slot=None,
                                 ended_at=time.time())
    if done and error:
        store.events.add(run.id, status, error)
    return done


def _mark_dead(store: Store, run: Run, ended: Ended) -> bool:
    request = requests.killed_for(store, run)
    if request is not None:
        return end(store, run, requests.ENDS[request], f"did not {request} in time and was killed", ended.exit_code)
    if died_of_memory(run, ended):
        store.runs.update(run.id, resolved=run.resolved | {"out_of_memory": {
            "reached": ended.peak, "available": available_bytes(run.device or "cpu")}})
    return end(store, run, "failed", cause_of_death(run, ended), ended.exit_code)


def _silent(run: Run) -> bool:
    last = max(run.heartbeat_at or 0, run.started_at or 0, run.created_at)
    return time.time() - last > _SILENT_SECONDS
