"""A database of an earlier version is brought up to date with everything that was in it."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from engine.config import RunConfig
from engine.home import run_dir
from engine.launch import reap
from engine.launch.launchers.local.process import Identity
from engine.store import Conditions, Store
from engine.store.migrations import MIGRATIONS
from engine.store.schema import MIGRATION_NAMES


@pytest.fixture
def old(home: Path) -> Path:
    """A database as the first version wrote it: one run, tested with two checkpoints."""
    path = home / "runs.db"
    connection = sqlite3.connect(path, isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before=MIGRATION_NAMES[1])
    connection.execute("INSERT INTO runs (id, name, status, config, config_hash, created_at) "
                       "VALUES (7, 'old', 'finished', '{}', 'h', 1.0)")
    for checkpoint, top1 in (("last", 0.25), ("best", 0.75)):
        connection.execute("INSERT INTO evaluations (run_id, checkpoint, split, metrics, predictions, sha256, "
                           "created_at) VALUES (7, ?, 'test', json_object('top1', ?, 'loss', 0.5), ?, 'abc', 2.0)",
                           (checkpoint, top1, f"/old/{checkpoint}.npz"))
    connection.close()
    return path


def test_old_evaluations_are_kept_as_the_tests_that_were_asked_for(old: Path) -> None:
    store = Store.open()
    last, best = store.evaluations.of(7)
    assert (best.conditions, best.metrics, best.predictions) == (
        Conditions("best", "test"), {"top1": 0.75, "loss": 0.5}, Path("/old/best.npz"))
    assert (best.sha256, best.created_at, best.asked, best.weights, best.epoch) == ("abc", 2.0, True, "", None)
    assert last.conditions == Conditions("last", "test")
    assert store.runs.get(7).test_accuracy == 0.75


def test_an_old_database_takes_new_evaluations_beside_the_old(old: Path) -> None:
    store = Store.open()
    store.evaluations.put(7, Conditions("best", "test", tta="flip"), {"top1": 0.8}, Path("f"), "x", asked=False)
    assert [found.conditions.tta for found in store.evaluations.of(7)] == ["none", "none", "flip"]
    store.runs.delete(7)
    assert store.evaluations.of(7) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(old: Path) -> None:
    with sqlite3.connect(old, isolation_level=None) as connection:
        connection.execute("CREATE TABLE evaluations_anew (blocking)")
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            MIGRATIONS.apply(Database(connection))
        assert connection.execute("SELECT count(*) FROM evaluations").fetchall() == [(2,)]
        names = connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
    assert names == [(MIGRATION_NAMES[0],)]


def test_a_run_that_is_trained_while_the_database_is_brought_up_to_date_is_known_by_its_handle(home: Path) -> None:
    """Its row names a process, and the file that its trainer left does, as the version before wrote both."""
    me = Identity.of(os.getpid())
    connection = sqlite3.connect(home / "runs.db", isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before="0004_handles")
    config = RunConfig().model_dump_json()
    for run_id, started, pid in ((3, me.started, me.pid), (4, me.started - 1, me.pid), (5, me.started, None)):
        connection.execute("INSERT INTO runs (id, name, status, config, config_hash, created_at, attempt, pid, "
                           "pid_started, boot_id, host) VALUES (?, 'old', 'running', ?, 'h', 1.0, 2, ?, ?, ?, ?)",
                           (run_id, config, pid, started, me.boot_id, me.host))
        run_dir(run_id).mkdir(parents=True, exist_ok=True)
        (run_dir(run_id) / "pid.json").write_text(json.dumps(
            {"attempt": 2, "pid": me.pid, "started": started, "boot_id": me.boot_id, "host": me.host}))
    connection.close()
    store = Store.open()
    assert [store.runs.get(run_id).handle for run_id in (3, 4, 5)] == [
        {"launcher": "local", "job": "3:2"}, {"launcher": "local", "job": "4:2"}, {}]
    assert [marked.id for marked in reap(store)] == [4]
    store.runs.requeue(4)
    assert store.runs.get(4).handle == {}
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT id FROM runs WHERE pid IS NOT NULL").fetchall() == [(3,)]
    store.runs.update(4, status="failed")
    assert [run.status for run in store.runs.list()] == ["running", "failed", "running"]


def test_studies_that_were_launched_before_there_were_seals_have_none(home: Path) -> None:
    connection = sqlite3.connect(home / "runs.db", isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before="0005_seals")
    connection.execute("INSERT INTO studies VALUES (1, 'old', 1.0)")
    connection.execute("INSERT INTO study_versions VALUES (1, 1, '{\"seeds\": [0]}', 1.0)")
    connection.close()
    [version] = Store.open().studies.versions("old")
    assert (version.declared, version.seal) == ({"seeds": [0]}, {})
