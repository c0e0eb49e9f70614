"""The recorder: everything arrives, superseded steps go, requests come back, and no fault reaches the training loop."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from engine.config import RunConfig
from engine.store import Recorder, Store
from engine.store.locking import locked
from tests.engine.conftest import fill
from tests.engine.store.conftest import MakeRun
from tests.waiting import until


def test_what_is_logged_arrives_while_the_run_goes_on(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 1001):
            recorder.log(step, {"loss": np.float32(1 / step), "lr": 0.1}, epoch=1 + step // 500)
        until(lambda: len(store.metrics.since(run.id, "loss", 0)[0]) == 1000)
        shown = store.runs.get(run.id)
        assert (shown.step, shown.epoch) == (1000, 3)
        assert shown.heartbeat_at is not None and abs(shown.heartbeat_at - time.time()) < 30
        assert recorder.trouble is None
    steps, values = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(values, (1 / steps).astype(np.float32).astype(np.float64))


def test_leaving_flushes_the_rest_even_after_an_error(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with pytest.raises(ZeroDivisionError), Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"loss": 1.0}, 1)
        raise ZeroDivisionError
    assert store.metrics.summary(run.id)["loss"].count == 1


def test_values_that_are_not_numbers_are_counted(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step, value in enumerate((1.0, math.nan, math.inf, 2.0, math.nan), 1):
            recorder.log(step, {"loss": value}, 1)
    summary = store.metrics.summary(run.id)["loss"]
    assert (summary.count, summary.nonfinite, summary.min, summary.max) == (5, 3, 1.0, 2.0)
    assert math.isnan(summary.last)
    values = store.metrics.since(run.id, "loss", 0)[1]
    assert np.array_equal(values, [1.0, np.nan, np.inf, 2.0, np.nan], equal_nan=True)


def test_resuming_supersedes_later_steps_of_every_metric(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 101):
            recorder.log(step, {"loss": 1.0}, 1)
        recorder.log(100, {"val_loss": 9.0}, 1)
    with Recorder(store, run.id, 2) as recorder:
        recorder.resume_from(80)
        assert len(store.metrics.since(run.id, "loss", 0)[0]) == 80
        assert store.runs.get(run.id).step == 80
        for step in range(81, 91):
            recorder.log(step, {"loss": 2.0}, 1)
    steps, values = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(steps, np.arange(1, 91)) and np.array_equal(values, [1.0] * 80 + [2.0] * 10)
    assert list(store.metrics.summary(run.id)) == ["loss"]


def test_resuming_within_one_attempt_drops_what_is_not_flushed_yet(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 101):
            recorder.log(step, {"loss": 1.0}, 1)
        recorder.resume_from(50)
    assert store.metrics.summary(run.id)["loss"].last_step == 50


def test_requests_arrive_and_a_signal_is_not_overruled(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        assert recorder.requested == "run"
        store.runs.request(run.id, "pause")
        until(lambda: recorder.requested == "pause")
        recorder.requested = "stop"
        store.runs.request(run.id, "run")
        until(lambda: recorder._requested == "run")
        assert recorder.requested == "stop"


def test_an_earlier_request_is_known_from_the_start(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    store.runs.request(run.id, "stop")
    with Recorder(store, run.id, 1) as recorder:
        assert recorder.requested == "stop"


@pytest.mark.parametrize("name", ["", "two words", "a=b", "line\nbreak", "tab\t"])
def test_names_that_a_line_cannot_hold_are_refused(name: str, store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder, pytest.raises(ValueError, match="one word"):
        recorder.log(1, {name: 1.0}, 1)
    assert store.metrics.summary(run.id) == {}


def test_a_locked_database_delays_but_loses_nothing(store: Store, make_run: MakeRun,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.locking.PATIENCE", 0.2)
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        with locked(store.connections.lock_path):
            recorder.log(1, {"loss": 1.0}, 1)
            until(lambda: recorder.trouble)
            assert "locked" in str(recorder.trouble) and "journal" in str(recorder.trouble)
            recorder.log(2, {"loss": 1.0}, 1)
        until(lambda: recorder.trouble is None)
        until(lambda: store.metrics.summary(run.id)["loss"].count == 2)


def test_trouble_is_told_when_it_begins_and_when_it_is_over(
        store: Store, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("engine.store.locking.PATIENCE", 0.1)
    failed: list[Recorder] = []
    monkeypatch.setattr(Recorder, "_limit_memory", lambda recorder: failed.append(recorder))
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in (1, 2):
            with locked(store.connections.lock_path):
                recorder.log(step, {"loss": 1.0}, 1)
                until(lambda: len(failed) >= 2)
                told = str(recorder.trouble)
            until(lambda: recorder.trouble is None)
            failed.clear()
    lines = capfd.readouterr().err.splitlines()
    assert lines[::2] == [told, told] and len(lines) == 4
    assert all(line.startswith("recorded again after") and line.endswith(told) for line in lines[1::2])
    assert [(event.kind, event.message) for event in store.events.of(run.id)] == [
        ("trouble", line) for line in lines[1::2]]


def test_a_full_disk_is_told_and_remembered_when_there_is_room(
        small_disk: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    store = Store.open()
    run = store.runs.create(RunConfig(), status="running", environment={}, git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        filler = fill(small_disk)
        steps = 0
        while recorder.trouble is None:
            steps += 1
            recorder.log(steps, {"loss": steps / 3}, 1)
        begun = until(lambda: capfd.readouterr().err, 10)
        assert "disk full" in begun or "No space left" in begun
        filler.unlink()
        until(lambda: store.events.of(run.id))
    assert "recorded again" in capfd.readouterr().err
    assert np.array_equal(store.metrics.since(run.id, "loss", 0)[0], np.arange(1, steps + 1))


def test_long_out_of_reach_calls_are_let_go_and_come_back_from_the_journal(
        store: Store, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.locking.PATIENCE", 0.1)
    monkeypatch.setattr("engine.store.recorder._PENDING", 100)
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        with locked(store.connections.lock_path):
            for step in range(1, 501):
                recorder.log(step, {"loss": 1.0}, 1)
            until(lambda: not recorder._pending)
        until(lambda: recorder.trouble is None)
        assert store.metrics.summary(run.id)["loss"].count == 500


def test_a_full_database_keeps_training_going_and_catches_up(store: Store, make_run: MakeRun,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.store import connect

    run = make_run("running")
    real, full = connect.prepare_writer, [True]

    def scarce(connection: sqlite3.Connection, mode: str) -> None:
        real(connection, mode)
        pages = connection.execute("PRAGMA page_count").fetchall()[0][0]
        connection.execute(f"PRAGMA max_page_count = {pages if full[0] else 1_000_000}")

    monkeypatch.setattr(connect, "prepare_writer", scarce)
    store.connections.close()
    with Recorder(store, run.id, 1) as recorder:
        steps = 0
        while recorder.trouble is None:
            steps += 1
            recorder.log(steps, {"loss": steps / 3}, 1)
        assert "disk full" in recorder.trouble
        recorder.log(steps + 1, {"loss": 0.0}, 1)
        assert store.runs.get(run.id).id == run.id
        full[0] = False
        store.connections.close()
        until(lambda: recorder.trouble is None)
    assert np.array_equal(store.metrics.since(run.id, "loss", 0)[0], np.arange(1, steps + 2))


def test_a_deleted_database_is_noticed_and_the_journal_survives(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"loss": 1.0}, 1)
        store.path.unlink()
        recorder.log(2, {"loss": 1.0}, 1)
        until(lambda: recorder.trouble)
        assert "was deleted while it was in use" in str(recorder.trouble)
        assert not store.path.exists()
    lines = (run.folder / "journal-1.log").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["1", "2"]


def test_a_database_put_back_gets_everything_from_the_journal(store: Store, make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        store.backup(tmp_path / "earlier.db")
        recorder.log(1, {"loss": 1.0}, 1)
        until(lambda: store.metrics.summary(run.id))
        for left in tmp_path.glob("runs.db*"):
            left.unlink()
        until(lambda: recorder.trouble)
        (tmp_path / "earlier.db").rename(store.path)
        recorder.log(2, {"loss": 1.0}, 1)
        until(lambda: recorder.trouble is None)
    assert list(Store.open().metrics.since(run.id, "loss", 0)[0]) == [1, 2]


def test_a_run_that_is_gone_from_the_database_is_trouble_not_a_stop(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        with store.connections.writing() as connection:
            connection.execute("DELETE FROM runs")
        recorder.log(1, {"loss": 1.0}, 1)
        until(lambda: recorder.trouble)
        assert "no longer in" in str(recorder.trouble)
        assert recorder.requested == "run"


def test_a_forked_trainer_records_through_connections_of_its_own(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    child = os.fork()
    if not child:
        with Recorder(store, run.id, 1) as recorder:
            for step in range(1, 101):
                recorder.log(step, {"loss": 1.0}, 1)
        os.kill(os.getpid(), signal.SIGKILL)
    store.runs.set_notes(run.id, "the parent writes too")
    os.waitpid(child, 0)
    assert store.metrics.summary(run.id)["loss"].count == 100
    assert store.runs.get(run.id).notes == "the parent writes too"
