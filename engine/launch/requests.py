"""Requests to stop and pause, and their enforcement."""

import time

from engine.errors import UserError
from engine.launch.launcher import Handle, Launcher
from engine.launch.launchers.local.wakeup import ensure_dispatcher
from engine.store import Event, Run, Status, Store

ENDS = {"stop": "stopped", "pause": "paused"}
GRACE_SECONDS = 30.0
SILENT_GRACE_SECONDS = 3.0
_TERMINATED, _KILLED = "terminated", "killed"


def request_stop(store: Store, run: Run) -> None:
    """Stop a run: queued and paused ones at once, live ones at their next step, with a checkpoint.

    Raises:
        UserError: the run has ended.
    """
    _request(store, run, "stop", at_once=(Status.QUEUED, Status.PAUSED))


def request_pause(store: Store, run: Run) -> None:
    """Pause a run and free its slot: queued ones at once, live ones at their next step, with a checkpoint.

    Raises:
        UserError: the run has ended.
    """
    _request(store, run, "pause", at_once=(Status.QUEUED,))


def enforce(store: Store, run: Run, handle: Handle, launcher: Launcher, *, waits: bool = False) -> None:
    """Terminate a trainer that ignores a request for ``stop_grace`` seconds, and kill it after as many more.

    One that gives no sign of life either, as when it is suspended, is waited for less long. No trainer is killed
    that was not terminated first, however late this looks.

    Args:
        waits: the attempt has no process yet, so that there is nothing to terminate.
    """
    if run.requested not in ENDS:
        return
    since_request = _since_request(store, run)
    if not since_request:
        store.events.add(run.id, run.requested, f"{run.requested} requested")
        return
    grace = float(store.settings.get("stop_grace", GRACE_SECONDS))
    if run.silence:
        grace = min(grace, SILENT_GRACE_SECONDS)
    at = {event.kind: event.created_at for event in since_request}
    asked, terminated = since_request[0].created_at, at.get(_TERMINATED)
    now = time.time()
    if terminated is None and not waits:
        if now - asked > grace:
            launcher.kill(handle, gently=True)
            # Noted once it is sent: the time until the kill counts from here.
            store.events.add(run.id, _TERMINATED, f"did not {run.requested} within {now - asked:.0f} s and was "
                                                  "terminated")
    elif _KILLED not in at and now - (asked if terminated is None else terminated) > grace:
        store.events.add(run.id, _KILLED, f"did not {run.requested} within {now - asked:.0f} s and was killed")
        launcher.kill(handle)


def killed_for(store: Store, run: Run) -> str | None:
    """Return the request that a killed trainer had ignored, if any."""
    if run.requested in ENDS and any(event.kind == _KILLED for event in _since_request(store, run)):
        return run.requested
    return None


def _request(store: Store, run: Run, request: str, at_once: tuple[Status, ...]) -> None:
    if store.runs.transition(run.id, ENDS[request], expected=at_once, ended_at=time.time()):
        return
    now = store.runs.get(run.id)
    if now.is_ended:
        raise UserError(f"{request}: run {run.name} is {now.status} already")
    if now.is_live and now.requested != request:
        # First the event, from which time counts: whoever enforces the request must find it.
        store.events.add(run.id, request, f"{request} requested")
        store.runs.request(run.id, request)
        ensure_dispatcher()


def _since_request(store: Store, run: Run) -> list[Event]:
    """Return the run's events since its current request, including it; empty if there is none."""
    events = store.events.of(run.id)
    asked = [index for index, event in enumerate(events) if event.kind == run.requested]
    resumed = [index for index, event in enumerate(events) if event.kind == "resumed"]
    if not asked or (resumed and resumed[-1] > asked[-1]):
        return []
    return events[asked[-1]:]
