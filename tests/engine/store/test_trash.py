"""The trash: what is in it is found by nothing else, can be put back for a week, and then is gone."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from sqlite_utils import Database

from engine.config import parse_config
from engine.errors import UserError
from engine.store import Store, trash
from engine.store.migrations import MIGRATIONS
from engine.store.opening import restore
from engine.store.snapshots import take
from engine.store.trash import KEPT_DAYS, keep_up
from tests.engine.store.conftest import MakeRun

_DAY = 86_400.0


@pytest.fixture(autouse=True)
def no_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash, "keep_daily", lambda connections: None)


def ids(store: Store) -> list[int]:
    return [run.id for run in store.runs.list()]


def test_a_run_in_the_trash_is_found_by_nothing_else(store: Store, make_run: MakeRun) -> None:
    run, other = make_run("finished", name="gone"), make_run("finished", name="other")
    store.trash.put(run.id)
    assert ids(store) == [other.id] and store.runs.matching("gone") == []
    left = [store.runs.get(other.id)]
    assert store.runs.list(("finished",)) == store.runs.of_study((run.config_hash,), "none") == left
    assert [each.id for each in store.trash.runs()] == [run.id] and run.folder.is_dir()
    for use in (store.runs.get, store.runs.requeue, store.trash.put):
        with pytest.raises(UserError, match="no run 1"):
            use(run.id)
    with pytest.raises(UserError, match=r"gone is in the trash; .*--put-back gone"):
        store.runs.find("gone")


def test_what_is_put_back_is_as_it_was(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    store.runs.update(run.id, ended_at=5.0, notes="mine")
    before = store.runs.get(run.id)
    store.trash.put(run.id)
    store.trash.put_back(run.id)
    after = store.runs.get(run.id)
    assert (after.status, after.ended_at, after.notes, after.trashed_at) == ("finished", before.ended_at, "mine", None)
    with pytest.raises(UserError, match="no run 1 is in the trash"):
        store.trash.put_back(run.id)


def test_a_queued_run_does_not_start_from_the_trash(store: Store, make_run: MakeRun) -> None:
    run = make_run("queued")
    store.trash.put(run.id)
    assert store.runs.claim(["cpu"]) is None
    store.trash.put_back(run.id)
    assert store.runs.get(run.id).status == "stopped"


@pytest.mark.parametrize("status", ["starting", "running", "evaluating"])
def test_a_live_run_is_refused(store: Store, make_run: MakeRun, status: str) -> None:
    run = make_run(status)
    with pytest.raises(UserError, match=f"is {status}: stop it before deleting it"):
        store.trash.put(run.id)


def test_what_is_there_for_a_week_is_removed(store: Store, make_run: MakeRun) -> None:
    old, young, kept = make_run("finished"), make_run("failed"), make_run("finished")
    for run, days in ((old, KEPT_DAYS + 0.01), (young, KEPT_DAYS - 0.01)):
        store.trash.put(run.id)
        store.runs.update(run.id, trashed_at=time.time() - days * _DAY)
    keep_up(store.connections)
    assert [run.id for run in store.trash.runs()] == [young.id] and not old.folder.exists()
    assert [run.id for run in store.trash.empty()] == [young.id]
    assert ids(store) == [kept.id] and not store.trash.runs()


def test_what_was_put_back_or_removed_meanwhile_is_left_alone(store: Store, make_run: MakeRun,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    back, gone, there = (make_run("finished") for _ in range(3))
    for run in (back, gone, there):
        store.trash.put(run.id)
    seen = store.trash.runs()
    store.trash.put_back(back.id)
    store.runs.delete(gone.id)
    monkeypatch.setattr(store.trash, "runs", lambda: seen)
    assert [run.id for run in store.trash.empty()] == [there.id]
    assert ids(store) == [back.id] and back.folder.is_dir()


def test_a_home_that_is_gone_is_no_mistake_of_the_upkeep(store: Store) -> None:
    store.path.unlink()
    keep_up(store.connections)


def test_a_rebuilt_database_knows_the_archive_and_the_trash(store: Store, make_run: MakeRun) -> None:
    shown, archived, trashed = (make_run("finished") for _ in range(3))
    store.runs.archive(archived.id)
    store.trash.put(trashed.id)
    store.connections.close()
    for file in store.path.parent.glob("runs.db*"):
        file.unlink()
    again = Store.open()
    assert ids(again) == [archived.id, shown.id] and [run.id for run in again.trash.runs()] == [trashed.id]
    assert again.runs.get(archived.id).archived_at and not again.runs.get(shown.id).archived_at


def test_an_old_snapshot_does_not_empty_the_trash(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    store.trash.put(run.id)
    store.runs.update(run.id, trashed_at=time.time() - 30 * _DAY)
    file = store.path.parent / "snapshots" / "runs-2026-01-01.db"
    file.parent.mkdir(exist_ok=True)
    take(store.connections, file)
    store.trash.put_back(run.id)
    restore(file)
    again = Store.open()
    keep_up(again.connections)
    assert [each.id for each in again.trash.runs()] == [run.id]


def test_a_home_from_before_there_was_a_trash_opens(home: Path) -> None:
    connection = sqlite3.connect(home / "runs.db", isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before="0006_archive_and_trash")
    connection.execute("INSERT INTO runs (id, name, status, config, config_hash, created_at, trained_seconds, "
                       "heartbeat_at) VALUES (7, 'old', 'finished', ?, 'h', 1.0, 2.5, 9.0)",
                       [parse_config({}).model_dump_json()])
    connection.close()
    [run] = Store.open().runs.list()
    assert (run.seconds, run.archived_at, run.trashed_at, run.parent) == (2.5, None, None, None)
