"""A snapshot a day, and going back to one without losing what came after it."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.errors import UserError
from engine.store import Recorder, Run, Store, opening, snapshots
from engine.store.opening import restore
from tests.engine.store.conftest import MakeRun
from tests.engine.store.test_mirror import lost


def recorded(store: Store, run: Run, until: int, start: int = 1) -> None:
    with Recorder(store, run.id, run.attempt) as recorder:
        for step in range(start, until + 1):
            recorder.log(step, {"loss": 1 / step}, epoch=1)


def take(store: Store, day: str) -> Path:
    target = store.path.parent / "snapshots" / f"runs-{day}.db"
    snapshots.take(store.connections, target)
    return target


def losses(store: Store, run: Run) -> list[int]:
    return [int(step) for step in store.metrics.since(run.id, "loss", 0)[0]]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_TRIED", {})


def test_one_is_taken_a_day_in_the_background_and_seven_are_kept(store: Store, make_run: MakeRun) -> None:
    snapshots.keep_daily(store.connections)
    joined()
    assert not snapshots.snapshots(), "without a run there is nothing to keep"
    make_run("finished")
    for day in range(1, 10):
        take(store, f"2026-01-{day:02d}")
    snapshots._TRIED.clear()
    snapshots.keep_daily(store.connections)
    joined()
    names = [file.name for file in snapshots.snapshots()]
    assert len(names) == 7 and names[1] == "runs-2026-01-09.db" and names[0] > "runs-2026-06"
    before = snapshots.snapshots()[0].stat().st_mtime_ns
    snapshots._TRIED.clear()
    snapshots.keep_daily(store.connections)
    joined()
    assert snapshots.snapshots()[0].stat().st_mtime_ns == before
    assert [path.name for path in snapshots.snapshots()[0].parent.iterdir() if path.name.startswith(".runs")] == []


def joined() -> None:
    for thread in threading.enumerate():
        if thread.name == "snapshot":
            thread.join()


def test_a_lost_database_takes_the_curves_of_finished_runs_from_a_snapshot(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    recorded(store, run, 100)
    store.metrics.compress(run.id)
    assert (run.folder / "journal-1.log").exists(), "until there is a second copy"
    take(store, "2026-01-01")
    assert not (run.folder / "journal-1.log").exists()
    again = lost(store)
    assert losses(again, run) == list(range(1, 101))


def test_restoring_keeps_what_came_after_and_undoes_what_persons_did(store: Store, make_run: MakeRun,
                                                                     home: Path) -> None:
    going, deleted = make_run("running", name="going"), make_run("queued", name="deleted")
    recorded(store, going, 10)
    file = take(store, "2026-01-01")
    recorded(store, going, 30, 11)
    store.runs.update(going.id, status="finished", epoch=3, name="renamed", notes="since")
    store.runs.delete(deleted.id)
    shutil.rmtree(deleted.folder, ignore_errors=True)
    newer = make_run("finished", name="newer")
    recorded(store, newer, 20)
    store.metrics.seal(newer.id)
    said = restore(file)
    again = Store.open()
    by_name = {run.name: run for run in again.runs.list()}
    assert by_name.keys() == {"going", "deleted", "newer"}
    assert by_name["going"].status == "finished" and by_name["going"].epoch == 3 and not by_name["going"].notes
    assert by_name["deleted"].status == "stopped" and "restored" in str(by_name["deleted"].error)
    assert losses(again, going) == list(range(1, 31)) and losses(again, newer) == list(range(1, 21))
    (aside,) = home.glob("runs.db.before-restore-*[0-9]")
    assert aside.name in said and any(aside.name in notice for notice in again.notices())
    assert make_run().id > newer.id


def test_restoring_works_when_the_database_is_gone_or_damaged(store: Store, make_run: MakeRun) -> None:
    run = make_run("finished", name="kept")
    recorded(store, run, 5)
    file = take(store, "2026-01-01")
    for content in (None, b"\0" * 5000):
        store.connections.close()
        for path in store.path.parent.glob("runs.db*"):
            path.unlink()
        if content:
            store.path.write_bytes(content)
        opening._READY.clear()
        restore(file)
        assert losses(Store.open(), run) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("old", "new"), [(b"trained_seconds", b"trained_secunds"), (b"created_at", b"created_\xffat"),
                                          (b"CREATE TABLE", b"CREATE TAXLE"), (b"SQLite format 3", b"SQLite format 4")])
def test_a_damaged_snapshot_is_refused_and_nothing_changes(store: Store, make_run: MakeRun, old: bytes, new: bytes,
                                                           capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run("finished")
    file = take(store, "2026-01-01")
    file.write_bytes(file.read_bytes().replace(old, new[:len(old)]))
    assert main(["restore", str(file)]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and f"restore: {file} is " in line
    assert Store.open().runs.get(run.id).name == run.name and not list(store.path.parent.glob("*before-restore*"))


def test_the_command_lists_restores_and_refuses(store: Store, make_run: MakeRun, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run("finished")
    assert main(["restore"]) == 0 and "no snapshots yet" in capsys.readouterr().out
    take(store, "2026-01-01")
    assert main(["restore"]) == 0 and "runs-2026-01-01.db" in capsys.readouterr().out
    assert main(["repair"]) == 0 and "runs-2026-01-01.db" in capsys.readouterr().err
    for text in ("2026-01-02", str(tmp_path), os.devnull):
        assert main(["restore", text]) == 2 and "is neither a snapshot" in capsys.readouterr().err
    (tmp_path / "other").write_bytes(b"not a database" * 500)
    assert main(["restore", f"{tmp_path}/other"]) == 2 and "not a database of Darkroom" in capsys.readouterr().err
    assert main(["restore", "2026-01-01"]) == 0 and "The file before is" in capsys.readouterr().err
    Store.open().runs.update(run.id, status="running", handle={"launcher": "gone", "job": "1"}, heartbeat_at=9e9)
    assert main(["restore", "2026-01-01"]) == 2 and "stop or pause them first" in capsys.readouterr().err


def test_a_damaged_database_does_not_replace_its_snapshots(store: Store, make_run: MakeRun,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    make_run("finished")
    take(store, "2026-01-01")
    monkeypatch.setattr(snapshots.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    take(store, "2026-01-02")
    assert [file.name for file in snapshots.snapshots()] == ["runs-2026-01-01.db"], "nor fills the disk"
    with pytest.raises(UserError):
        restore(store.path.parent / "artifacts")
