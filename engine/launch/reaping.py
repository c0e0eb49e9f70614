"""Finds runs whose process died, and says so in their rows."""

from __future__ import annotations

import socket
import time
from typing import Any

from engine.launch import wishes
from engine.launch.capacity import available_bytes
from engine.launch.cause import cause_of_death, died_of_memory
from engine.launch.liveness import Identity, boot_id, kill_marked, run_marker
from engine.launch.runfiles import read_exit, read_identity
from engine.store import LIVE, Run, Store

_OTHER_HOST_SECONDS = 900
# The supervisor writes the exit code a moment after the trainer's death.
_EXIT_FILE_SECONDS = 0.25


def reap(store: Store) -> list[Run]:
    """Mark live runs whose process is gone ``failed`` or ``lost``, with the cause; returns those marked.

    A run that reaches its own end at the same moment keeps what it wrote. A run that is silent but alive, that no
    process was started for yet, or that another machine works on is left alone; the latter is ``lost`` after 15 minutes
    without a heartbeat.
    """
    return [store.runs.get(run.id) for run in store.runs.list(LIVE) if _reaped(store, run)]


def identity_of(run: Run) -> Identity | None:
    """The process that works on a live run; None when none has said so yet."""
    if run.pid is None or run.pid_started is None:
        return read_identity(run.id, run.attempt)
    return Identity(run.pid, run.pid_started, run.boot_id or "", run.host or "")


def identity_columns(identity: Identity) -> dict[str, Any]:
    """An identity as columns of its run."""
    return {"pid": identity.pid, "pid_started": identity.started, "boot_id": identity.boot_id, "host": identity.host}


def end(store: Store, run: Run, status: str, error: str | None, exit_code: int | None = None) -> bool:
    """Set a live run's final state, unless it left the state it was read in."""
    done = store.runs.transition(run.id, status, expected=(run.status,), error=error, exit_code=exit_code, slot=None,
                                 ended_at=time.time())
    if done and error:
        store.events.add(run.id, status, error)
    return done


def _reaped(store: Store, run: Run) -> bool:
    identity = identity_of(run)
    if identity is None:
        ended = read_exit(run.id, run.attempt)
        return ended is not None and _mark_dead(store, run)
    if identity.host != socket.gethostname():
        return _silent(run) and end(store, run, "lost", f"no sign of life from {identity.host} any more")
    if identity.boot_id != boot_id():
        return end(store, run, "lost", "the machine was restarted while it ran")
    if identity.is_alive():
        if run.pid is None:
            store.runs.update(run.id, **identity_columns(identity))
        return False
    return _mark_dead(store, run)


def _mark_dead(store: Store, run: Run) -> bool:
    deadline = time.monotonic() + _EXIT_FILE_SECONDS
    while (ended := read_exit(run.id, run.attempt)) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    exit_code = None if ended is None else -ended.signal or ended.code
    wish = wishes.killed_for(store, run)
    if wish is None:
        if ended is not None and died_of_memory(run, ended):
            store.runs.update(run.id, resolved=run.resolved | {"out_of_memory": {
                "reached": ended.peak, "available": available_bytes(run.device or "cpu")}})
        done = end(store, run, "failed", cause_of_death(run, ended), exit_code)
    else:
        done = end(store, run, wishes.ENDS[wish], f"did not {wish} in time and was killed", exit_code)
    if done:
        kill_marked(run_marker(run.id, run.attempt))
    return done


def _silent(run: Run) -> bool:
    last = max(run.heartbeat_at or 0, run.started_at or 0, run.created_at)
    return time.time() - last > _OTHER_HOST_SECONDS
