"""A database of an earlier version is brought up to date with everything that was in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

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
