"""Either the database or any file beside it can be lost."""

import json
from pathlib import Path

import pytest

from engine.store import Recorder, Store, opening
from engine.store.mirror import kept_files, kept_rows
from engine.study.study import Study
from engine.study.versions import Studies
from tests.engine.store.conftest import MakeRun

STUDY = Study.model_validate({"name": "rates", "factors": {"lr": [0.1, 0.01]}})


def reopened(store: Store) -> Store:
    store.connections.close()
    opening._READY.clear()
    return Store.open()


def lost(store: Store) -> Store:
    store.connections.close()
    for suffix in ("", "-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    return reopened(store)


def fill(store: Store, make_run: MakeRun) -> int:
    """A run with everything a person can give it, and what it recorded."""
    run = make_run("finished", name="끝 <b>", tags=["one"], notes="first")
    run.folder.mkdir(parents=True, exist_ok=True)
    with Recorder(store, run.id, run.attempt) as recorder:
        for step in range(1, 101):
            recorder.log(step, {"loss": 1 / step}, epoch=1)
    store.evaluations.add(run.id, "best", "test", {"top1": 0.5, "loss": float("nan")}, run.folder / "p.npz", "abc")
    store.runs.set_notes(run.id, "second")
    store.runs.set_tags(run.id, ["two", "three"])
    store.acknowledged.put(run.id, "at-chance", "meant so")
    store.settings.set("cpu_slots", 3)
    Studies(store).save(STUDY)
    return run.id


@pytest.mark.parametrize("how", ["deleted", "emptied", "half", "head", "overwritten"])
def test_a_lost_database_comes_back_whole(store: Store, make_run: MakeRun, how: str) -> None:
    run_id = fill(store, make_run)
    before = store.runs.get(run_id)
    if how == "deleted":
        again = lost(store)
    else:
        store.connections.checkpoint()
        store.connections.close()
        content = store.path.read_bytes()
        left = {"emptied": b"", "half": content[:len(content) // 2], "head": b"\0" * 100 + content[100:],
                "overwritten": b"\xff" * len(content)}
        store.path.write_bytes(left[how])
        again = reopened(store)
    run = again.runs.get(run_id)
    again.metrics.catch_up([run_id])
    assert (run.name, run.tags, run.notes, run.config, run.status) == (
        before.name, before.tags, before.notes, before.config, before.status)
    assert run.test_accuracy == 0.5 and again.evaluations.of(run_id)[0].sha256 == "abc"
    steps, values = again.metrics.since(run_id, "loss", 0)
    assert steps.tolist() == list(range(1, 101)) and values[9] == 0.1
    assert again.acknowledged.of([run_id])[0].note == "meant so"
    assert again.settings.get("cpu_slots") == 3 and Studies(again).get("rates") == STUDY
    assert any("came back" in notice for notice in again.notices())
    assert make_run().id > run_id


def test_a_damaged_file_loses_nothing_while_the_database_is_there(store: Store, make_run: MakeRun) -> None:
    run_id = fill(store, make_run)
    for file in kept_files():
        file.write_bytes(file.read_bytes()[:50])
    assert reopened(store).runs.get(run_id).notes == "second"
    assert "could not be read" in store.rebuild()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"runs": 5}', b'{"sqlite_master": [{}]}', b'{"runs": [[1]]}',
                                     b"[" * 100_000, b'{"runs": [{"id": "x; DROP TABLE runs"}]}', b"\xff\xfe"])
def test_a_hostile_file_is_left_out_and_named(store: Store, make_run: MakeRun, content: bytes) -> None:
    kept, hostile = make_run("finished"), make_run("finished")
    (hostile.folder / "run.json").write_bytes(content)
    again = lost(store)
    assert [run.id for run in again.runs.list()] == [kept.id]


def test_rows_that_are_there_are_not_overwritten(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished", notes="now")
    file = run.folder / "run.json"
    rows = kept_rows(file)
    assert rows
    rows["runs"][0]["notes"] = "older"
    file.write_text(json.dumps(rows))
    store.rebuild()
    assert store.runs.get(run.id).notes == "now"


def test_a_deleted_run_does_not_come_back(store: Store, make_run: MakeRun) -> None:
    run, other = make_run("finished"), make_run("finished")
    store.runs.delete(run.id)
    assert [each.id for each in lost(store).runs.list()] == [other.id]


def test_a_store_elsewhere_writes_no_files(tmp_path: Path, store: Store) -> None:
    other = Store.open(tmp_path / "other" / "copy.db")
    other.settings.set("cpu_slots", 2)
    assert not kept_files()
