"""Version, notices, backups, settings, events, evaluations and costs."""

from __future__ import annotations

import ast
import json
import math
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.home import ROOT
from engine.store import Conditions, Recorder, Store
from tests.engine.store.conftest import MakeRun


def test_version_changes_with_every_commit_of_anybody_and_else_never(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    seen = [store.version()]
    assert store.version() == seen[0]
    store.runs.set_notes(run.id, "x")
    seen.append(store.version())
    code = f"from engine.store import Store; Store.open().runs.set_notes({run.id}, 'y')"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
    seen.append(store.version())
    store.events.add(run.id, "note", "x")
    seen.append(store.version())
    assert sorted(set(seen)) == seen
    store.runs.transition(run.id, "failed", expected={"running"})
    store.runs.claim([])
    assert store.version() == seen[-1]


def test_a_runs_revision_changes_only_with_that_run(store: Store, make_run: MakeRun) -> None:
    run, other = make_run("running"), make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"loss": 1.0}, 1)
    recorded = store.runs.get(run.id)
    assert recorded.revision > run.revision
    store.evaluations.add(run.id, "best", "test", {}, Path("p"), "x")
    assert store.runs.get(run.id).revision > recorded.revision
    assert store.runs.get(other.id).revision == other.revision


def test_a_backup_holds_what_a_plain_copy_would_miss(store: Store, make_run: MakeRun, tmp_path: Path) -> None:
    run, dead = make_run("running"), make_run("running")
    child = os.fork()
    if not child:
        with Recorder(store, dead.id, 1) as recorder:
            recorder.log(1, {"loss": 2.0}, 1)
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    store.runs.update(dead.id, status="failed")
    target = tmp_path / "copies" / "backup.db"
    with Recorder(store, run.id, 1) as recorder:
        recorder.log(1, {"loss": 1.0}, 1)
        recorder._flush()
        store.backup(target)
    copy = Store.open(target)
    assert [made.name for made in copy.runs.list()] == ["toy", "toy"]
    assert copy.metrics.summary(run.id)["loss"].last == 1.0
    assert copy.metrics.summary(dead.id)["loss"].last == 2.0
    store.backup(target)


def test_a_backup_of_few_points_keeps_the_shape_and_the_summary_of_each_curve(store: Store, make_run: MakeRun,
                                                                              tmp_path: Path) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 5001):
            recorder.log(step, {"loss": 100.0 if step == 3000 else 1 / step}, 1)
        recorder.log(5000, {"val_accuracy": 0.5}, 1)
    store.metrics.compress(run.id)
    store.backup(tmp_path / "whole.db")
    store.backup(tmp_path / "small.db", points=100)
    small = Store.open(tmp_path / "small.db")
    steps, values = small.metrics.since(run.id, "loss", -1)
    assert len(steps) <= 100 and (steps[0], steps[-1]) == (1, 5000) and 100.0 in values
    assert small.metrics.since(run.id, "val_accuracy", -1)[1].tolist() == [0.5]
    assert small.metrics.summary(run.id) == store.metrics.summary(run.id)
    assert len(store.metrics.since(run.id, "loss", -1)[0]) == 5000
    assert (tmp_path / "small.db").stat().st_size < (tmp_path / "whole.db").stat().st_size


def test_a_backup_never_goes_over_the_database_or_into_nowhere(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(store.path)
    for target, message in ((store.path, "database itself"), (tmp_path / "link", "database itself"),
                            (tmp_path / "file" / "b.db", "cannot write")):
        with pytest.raises(UserError, match=message):
            store.backup(target)
    assert store.runs.list() == []
    with pytest.raises(UserError, match="read-only"), store.connections.reading() as connection:
        connection.execute("DELETE FROM runs")


def test_settings_and_costs(store: Store) -> None:
    assert store.settings.get("cpu_slots", 1) == 1
    store.settings.set("cpu_slots", 2)
    store.settings.set("cpu_slots", 3)
    assert store.settings.get("cpu_slots", 1) == 3
    assert store.costs.get("resnet18") is None
    store.costs.set("resnet18", {"parameters": 11_000_000})
    assert store.costs.get("resnet18") == {"parameters": 11_000_000}


def test_events_of_a_run_and_of_the_store(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    store.events.add(run.id, "stall", "no step for 60 s")
    store.events.add(run.id, "note", "went on")
    store.events.add(None, "repair", "mended")
    assert [(event.kind, event.message) for event in store.events.of(run.id)] == [
        ("stall", "no step for 60 s"), ("note", "went on")]
    assert store.notices() == ["mended"]


def test_evaluations_keep_one_result_for_each_checkpoint_and_split(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    results = {"accuracy": np.float32(0.5), "loss": math.nan}
    store.evaluations.add(run.id, "best", "test", results, run.folder / "a/p.npz", "s1")
    store.evaluations.add(run.id, "last", "test", {"accuracy": 0.25}, Path("q.npz"), "s2")
    store.evaluations.add(run.id, "last", "test", {"accuracy": 0.75}, Path("r.npz"), "s3")
    best, last = store.evaluations.of(run.id)
    assert (best.checkpoint, best.split, best.sha256) == ("best", "test", "s1")
    assert best.predictions == run.folder / "a/p.npz"
    assert best.metrics["accuracy"] == 0.5 and math.isnan(best.metrics["loss"])
    assert (last.metrics, last.sha256) == ({"accuracy": 0.75}, "s3")


def test_evaluations_are_told_apart_by_all_their_conditions(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    ways = [Conditions(), Conditions(tta="flip"), Conditions(scales=(36, 44)), Conditions(dataset="Digits"),
            Conditions(dataset="Digits", data_path="/d")]
    for _ in range(2):
        for number, way in enumerate(ways):
            store.evaluations.put(run.id, way, {"top1": number / 10}, Path("p"), "x", weights="epoch-0012",
                                  asked=not number)
    assert [found.conditions for found in store.evaluations.of(run.id)] == ways
    flipped = store.evaluations.find(run.id, Conditions(tta="flip"))
    assert flipped is not None and (flipped.metrics, flipped.epoch, flipped.asked) == ({"top1": 0.1}, 12, False)
    assert store.evaluations.find(run.id, Conditions("last")) is None
    assert store.runs.get(run.id).test_accuracy == 0.0


def test_the_write_ahead_log_stays_small_while_others_read(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    for number in range(300):
        store.runs.set_notes(run.id, f"{number}" * 10_000)
        store.runs.list()
        store.metrics.summary(run.id)
    assert (store.path.parent / "runs.db-wal").stat().st_size < 8e6


def test_threads_share_a_store(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                store.events.add(run.id, "turn", f"{number}/{turn}")
                store.runs.list()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(store.events.of(run.id)) == 160


def test_a_forked_child_leaves_its_parents_connections_alone(store: Store) -> None:
    with store.connections.reading() as parents_reader, store.connections.writing() as parents_writer:
        pass
    child = os.fork()
    if not child:
        with store.connections.reading() as reader, store.connections.writing() as writer:
            os._exit(reader is parents_reader or writer is parents_writer)
    assert os.waitpid(child, 0)[1] == 0
    with store.connections.reading() as reader:
        assert reader is parents_reader


def test_an_error_inside_a_transaction_undoes_all_of_it(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    version = store.version()
    with pytest.raises(ZeroDivisionError), store.connections.writing() as connection:
        connection.execute("UPDATE runs SET notes = 'half'")
        raise ZeroDivisionError
    assert store.runs.get(run.id) == run and store.version() == version


def test_a_batch_is_one_transaction_that_reads_what_it_wrote(store: Store, make_run: MakeRun) -> None:
    version = store.version()
    with store.batch():
        runs = [make_run() for _ in range(3)]
        store.runs.update(runs[0].id, notes="first")
        assert store.runs.get(runs[0].id).notes == "first" and len(store.runs.list()) == 3
        assert not any((run.folder / "run.json").exists() for run in runs)
    assert store.version() == version + 1
    kept = [json.loads((run.folder / "run.json").read_text())["runs"][0]["notes"] for run in runs]
    assert kept == ["first", "", ""]


def test_an_error_inside_a_batch_undoes_all_of_it(store: Store, make_run: MakeRun) -> None:
    version, runs = store.version(), []
    with pytest.raises(ZeroDivisionError), store.batch():
        runs.append(make_run())
        raise ZeroDivisionError
    assert store.runs.list() == [] and store.version() == version and not (runs[0].folder / "run.json").exists()
    make_run()
    assert len(store.runs.list()) == 1


def test_a_programmers_mistake_is_not_dressed_up(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), store.connections.reading() as connection:
        connection.execute("SELECT * FROM nowhere")


def test_nobody_opens_the_database_file_but_sqlite() -> None:
    """Closing a second handle on it would drop SQLite's locks in the whole process."""
    allowed = {"journal.py", "filesystem.py", "locking.py", "mirror.py"}
    for module in sorted((ROOT / "engine" / "store").glob("*.py")):
        calls = [node.func for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
        names = {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}
        opening = names & {"read_bytes", "read_text", "write_bytes", "write_text", "copy", "copyfile", "copy2"}
        if module.name not in allowed:
            assert not opening, (module.name, opening)
            owners = {ast.unparse(call) for call in calls if getattr(call, "attr", getattr(call, "id", "")) == "open"}
            assert not owners, (module.name, owners)
