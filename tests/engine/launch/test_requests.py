"""Stop, pause and resume: each state, and trainers that do not obey."""

from __future__ import annotations

import pytest

from engine.config import RunConfig
from engine.errors import UserError
from engine.launch import request_pause, request_stop, resume
from engine.launch import requests as module
from engine.launch.launcher import Handle
from engine.launch.launchers.local.process import process_started
from engine.store import Run, Store
from tests.engine.launch.conftest import LocalPlace, Place, Start, queue, starts, status, wait_for
from tests.engine.launch.fake_launcher import CLOGGED
from tests.processes import kill_all
from tests.waiting import until


def row(store: Store, status: str) -> Run:
    return store.runs.create(RunConfig(epochs=10), status=status, environment={}, git_commit=None, git_dirty=False)


def test_a_queued_run_stops_or_pauses_at_once(store: Store) -> None:
    first, second = row(store, "queued"), row(store, "queued")
    request_stop(store, first)
    request_pause(store, second)
    assert (status(store, first), status(store, second)) == ("stopped", "paused")


def test_a_paused_run_stops_at_once_and_stays_when_paused_again(store: Store) -> None:
    run = row(store, "paused")
    request_pause(store, run)
    assert status(store, run) == "paused"
    request_stop(store, run)
    assert status(store, run) == "stopped"


@pytest.mark.parametrize("ended", ["finished", "stopped", "failed", "lost"])
def test_a_run_that_is_over_cannot_be_stopped(store: Store, ended: str) -> None:
    with pytest.raises(UserError, match=f"is {ended} already"):
        request_stop(store, row(store, ended))


@pytest.mark.parametrize(("request_it", "end"), [(request_stop, "stopped"), (request_pause, "paused")])
def test_a_live_run_obeys_and_can_be_resumed(store: Store, place: Place, request_it: object, end: str) -> None:
    place.dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    assert callable(request_it)
    request_it(store, run)
    wait_for(store, run, end)
    assert resume(store, run).attempt == 2
    wait_for(store, run, "running")
    assert store.runs.get(run.id).requested == "run"
    assert [start["attempt"] for start in starts(run)] == [1, 2]


def test_a_run_that_is_queued_or_live_cannot_be_resumed(store: Store) -> None:
    for state in ("queued", "running"):
        with pytest.raises(UserError, match="only ended or paused runs"):
            resume(store, row(store, state))


def test_a_finished_run_is_resumed_only_for_more_epochs(store: Store, place: Place) -> None:
    place.dispatch()
    run = row(store, "finished")
    store.runs.update(run.id, epoch=10)
    for epochs in (None, 10):
        with pytest.raises(UserError, match="finished its 10 epochs"):
            resume(store, run, epochs)
    assert resume(store, run, 15).config["epochs"] == 15


def test_a_trainer_deaf_to_its_row_hears_sigterm(store: Store, place: Place) -> None:
    store.settings.set("stop_grace", 0.5)
    place.dispatch()
    run = queue(store, "wait deaf")
    wait_for(store, run, "running")
    request_stop(store, run)
    until(lambda: "terminated" in [event.kind for event in store.events.of(run.id)])


@pytest.mark.parametrize(("request_it", "end"), [(request_stop, "stopped"), (request_pause, "paused")])
def test_a_trainer_that_obeys_nothing_is_killed_and_ends_as_was_asked(
        store: Store, place: Place, request_it: object, end: str) -> None:
    store.settings.set("stop_grace", 1.0)  # longer than a busy machine keeps the dispatcher waiting
    place.dispatch()
    run, other = queue(store, "wait deaf"), queue(store, "wait")
    wait_for(store, run, "running")
    assert callable(request_it)
    request_it(store, run)
    ended = wait_for(store, run, end)
    assert "was killed" in (ended.error or "")
    wait_for(store, other, "running")
    assert [event.kind for event in store.events.of(run.id)] == [ended.requested, "terminated", "killed", end]


def test_the_deadline_outlives_the_dispatcher(store: Store, place: Place) -> None:
    store.settings.set("stop_grace", 1.0)
    kill_first = place.dispatch()
    run = queue(store, "wait deaf")
    wait_for(store, run, "running")
    request_stop(store, run)
    asked = next(event.created_at for event in store.events.of(run.id) if event.kind == "stop")
    kill_first()
    place.dispatch()
    wait_for(store, run, "stopped")
    killed = next(event.created_at for event in store.events.of(run.id) if event.kind == "killed")
    assert 2.0 <= killed - asked < 4.0


class Told:
    """A launcher that remembers when it was told to end the attempt, and how."""

    def __init__(self, now: list[float]) -> None:
        self._now, self.told = now, list[tuple[float, str]]()

    def kill(self, handle: Handle, *, gently: bool = False) -> None:
        self.told.append((self._now[0], "SIGTERM" if gently else "SIGKILL"))


@pytest.mark.parametrize(("looks", "beats", "waits", "told"), [
    ([5, 31, 45, 62], True, False, [(31, "SIGTERM"), (62, "SIGKILL")]),
    ([600, 601, 629, 631], True, False, [(600, "SIGTERM"), (631, "SIGKILL")]),  # nobody looked for ten minutes
    ([50, 79, 81], True, False, [(50, "SIGTERM"), (81, "SIGKILL")]),
    ([2, 4, 6, 8], False, False, [(4, "SIGTERM"), (8, "SIGKILL")]),
    ([600, 602, 604], False, False, [(600, "SIGTERM"), (604, "SIGKILL")]),
    ([5, 31, 32], True, True, [(31, "SIGKILL")])])
def test_no_trainer_is_killed_before_it_had_its_grace_since_sigterm(
        store: Store, monkeypatch: pytest.MonkeyPatch, looks: list[float], beats: bool, waits: bool,
        told: list[tuple[float, str]]) -> None:
    run, now = row(store, "running"), [0.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    monkeypatch.setattr("engine.launch.requests.ensure_dispatcher", lambda: None)
    request_stop(store, run)
    there = Told(now)
    for now[0] in looks:
        store.runs.update(run.id, heartbeat_at=now[0] if beats else now[0] - 11)
        module.enforce(store, store.runs.get(run.id), Handle("local", "1:1"), there, waits=waits)  # type: ignore[arg-type]
    assert there.told == told


def test_a_killed_trainer_is_gone(store: Store, dispatch: Start) -> None:
    store.settings.set("stop_grace", 0.1)
    dispatch()
    run = queue(store, "wait deaf")
    wait_for(store, run, "running")
    request_stop(store, run)
    wait_for(store, run, "stopped")
    assert process_started(starts(run)[0]["pid"]) is None


def test_a_run_that_waits_at_its_launcher_is_stopped_there(store: Store, place: Place) -> None:
    if isinstance(place, LocalPlace):
        pytest.skip("what waits here begins in a moment")
    store.settings.set("stop_grace", 0.1)
    place.dispatch()
    run, other = queue(store, CLOGGED), queue(store, "wait")
    until(lambda: store.runs.get(run.id).handle.get("job"))
    request_stop(store, run)
    wait_for(store, run, "stopped")
    wait_for(store, other, "running")
    assert starts(run) == []


def test_nothing_of_these_tests_stays(store: Store, dispatch: Start) -> None:
    dispatch()
    run = queue(store, "wait")
    wait_for(store, run, "running")
    kill_all(store.path.parent)
    assert process_started(starts(run)[0]["pid"]) is None
