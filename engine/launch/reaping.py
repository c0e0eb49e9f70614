"""Finds runs whose trainer is gone, and says so in their rows."""

import time
from collections.abc import Mapping

from engine.launch import wishes
from engine.launch.capacity import available_bytes
from engine.launch.launcher import Ended, Handle, Launcher, Seen, Unknown, Waiting, handle_of, launchers
from engine.launch.log import last_error, log_file, log_tail
from engine.out_of_memory import is_memory_message, memory_message
from engine.store import LIVE, Run, Status, Store


def cause_of_death(run: Run, ended: Ended) -> str:
    """One sentence on why a run's trainer is gone although the run was not over."""
    if ended.how:
        return ended.how
    error = _logged(run)
    if error is None:
        return f"exited with code {ended.exit_code} before the run was over"
    return memory_message(error, run.config["batch_size"]) if is_memory_message(error) else error


def died_of_memory(run: Run, ended: Ended) -> bool:
    """Whether memory ran out: the run does not fit, which is a result."""
    return ended.out_of_memory or (not ended.how and is_memory_message(_logged(run) or ""))


def _logged(run: Run) -> str | None:
    return last_error(log_tail(log_file(run.id), run.attempt))


_SILENT_SECONDS = 900


def reap(store: Store) -> list[Run]:
    """Mark live runs whose trainer is gone ``failed`` or ``lost``, with the cause; returns those marked.

    A run that reaches its own end at the same moment keeps what it wrote. A run that is silent but alive, that was not
    handed over yet, or that nobody can tell of is left alone; the latter is ``lost`` after 15 minutes without a
    heartbeat. So is one that was begun and has left no trace of who trains it.
    """
    there = launchers()
    return [store.runs.get(run.id) for run, handle, seen in look(store, there)
            if seen is not None and settle(store, run, handle, seen, there)]


def look(store: Store, launchers: Mapping[str, Launcher]) -> list[tuple[Run, Handle, Seen | None]]:
    """Every live run, its handle, and how its launcher sees it; None: it was not handed over."""
    handles = [(run, handle_of(run)) for run in store.runs.list(LIVE)]
    found: dict[Handle, Seen] = {}
    for name, launcher in launchers.items():
        found |= launcher.poll([handle for _, handle in handles if handle.launcher == name and handle.job])
    return [(run, handle, found.get(handle, Unknown(handle.launcher)) if handle.job else None)
            for run, handle in handles]


def settle(store: Store, run: Run, handle: Handle, seen: Seen, launchers: Mapping[str, Launcher]) -> bool:
    """Mark a live run whose trainer is gone; False when it is left alone."""
    if isinstance(seen, Unknown) or (isinstance(seen, Waiting) and run.status is not Status.STARTING):
        node = seen.node if isinstance(seen, Unknown) else "its trainer"
        return _silent(run) and end(store, run, "lost", f"no sign of life from {node} any more")
    if not isinstance(seen, Ended):
        return False
    if seen.lost:
        return end(store, run, "lost", seen.how)
    done = _mark_dead(store, run, seen)
    if done:
        launchers[handle.launcher].kill(handle)  # what it started may outlive it
    return done


def end(store: Store, run: Run, status: str, error: str | None, exit_code: int | None = None) -> bool:
    """Set a live run's final state, unless it left the state it was read in."""
    done = store.runs.transition(run.id, status, expected=(run.status,), error=error, exit_code=exit_code, slot=None,
                                 ended_at=time.time())
    if done and error:
        store.events.add(run.id, status, error)
    return done


def _mark_dead(store: Store, run: Run, ended: Ended) -> bool:
    wish = wishes.killed_for(store, run)
    if wish is not None:
        return end(store, run, wishes.ENDS[wish], f"did not {wish} in time and was killed", ended.exit_code)
    if died_of_memory(run, ended):
        store.runs.update(run.id, resolved=run.resolved | {"out_of_memory": {
            "reached": ended.peak, "available": available_bytes(run.device or "cpu")}})
    return end(store, run, "failed", cause_of_death(run, ended), ended.exit_code)


def _silent(run: Run) -> bool:
    last = max(run.heartbeat_at or 0, run.started_at or 0, run.created_at)
    return time.time() - last > _SILENT_SECONDS
