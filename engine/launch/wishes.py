"""Stop and pause: what is asked of a run, and what happens to a trainer that does not obey."""

import time

from engine.errors import UserError
from engine.launch.launcher import Handle, Launcher
from engine.launch.launchers.local.bell import wake
from engine.store import Event, Run, Status, Store

ENDS = {"stop": "stopped", "pause": "paused"}
GRACE_SECONDS = 30.0
SILENT_GRACE_SECONDS = 6.0
_TERMINATED, _KILLED = "terminated", "killed"


def request_stop(store: Store, run: Run) -> None:
    """End a run: a waiting one at once, a live one at its next step, with a checkpoint.

    Raises:
        UserError: the run is over.
    """
    _request(store, run, "stop", at_once=(Status.QUEUED, Status.PAUSED))


def request_pause(store: Store, run: Run) -> None:
    """Free a run's slot until it is resumed: a queued one at once, a live one at its next step, with a checkpoint.

    Raises:
        UserError: the run is over.
    """
    _request(store, run, "pause", at_once=(Status.QUEUED,))


def enforce(store: Store, run: Run, handle: Handle, launcher: Launcher) -> None:
    """Kill a trainer that has not obeyed for ``stop_grace`` seconds (setting) gently, and after twice that at once.

    One that gives no sign of life either, as when it is suspended, is waited for less long.
    """
    if run.requested not in ENDS:
        return
    since_asked = _since_asked(store, run)
    if not since_asked:
        store.events.add(run.id, run.requested, f"{run.requested} asked")
        return
    grace = float(store.settings.get("stop_grace", GRACE_SECONDS))
    if run.silence:
        grace = min(grace, SILENT_GRACE_SECONDS)
    waited = time.time() - since_asked[0].created_at
    done = {event.kind for event in since_asked}
    if waited > 2 * grace and _KILLED not in done:
        store.events.add(run.id, _KILLED, f"did not {run.requested} within {2 * grace:.0f} s and was killed")
        launcher.kill(handle)
    elif waited > grace and _TERMINATED not in done:
        store.events.add(run.id, _TERMINATED, f"did not {run.requested} within {grace:.0f} s and was told to end")
        launcher.kill(handle, gently=True)


def killed_for(store: Store, run: Run) -> str | None:
    """The wish a dead trainer was killed for not obeying, if it was."""
    if run.requested in ENDS and any(event.kind == _KILLED for event in _since_asked(store, run)):
        return run.requested
    return None


def _request(store: Store, run: Run, wish: str, at_once: tuple[Status, ...]) -> None:
    if store.runs.transition(run.id, ENDS[wish], expected=at_once, ended_at=time.time()):
        return
    now = store.runs.get(run.id)
    if now.is_ended:
        raise UserError(f"{wish}: run {run.name} is {now.status} already")
    if now.is_live and now.requested != wish:
        store.runs.request(run.id, wish)
        store.events.add(run.id, wish, f"{wish} asked")
        wake()


def _since_asked(store: Store, run: Run) -> list[Event]:
    """The run's events since its present wish was told, that one first; empty if it never was."""
    events = store.events.of(run.id)
    asked = [index for index, event in enumerate(events) if event.kind == run.requested]
    resumed = [index for index, event in enumerate(events) if event.kind == "resumed"]
    if not asked or (resumed and resumed[-1] > asked[-1]):
        return []
    return events[asked[-1]:]
