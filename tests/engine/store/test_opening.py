"""Whatever lies at ``runs.db``, opening it makes a database, says clearly why not, or sets a wreck aside."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.errors import UserError
from engine.store import Store, filesystem, opening
from engine.store.migrations import MIGRATIONS
from engine.store.schema import MIGRATION_NAMES
from tests.engine.conftest import fill
from tests.engine.store.conftest import MakeRun


def _fresh_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", f"from engine.store import Store\n{code}"], text=True,
                          capture_output=True, timeout=120, env=os.environ, check=False)


def test_a_new_home_gets_a_database_in_wal_mode_with_strict_tables(store: Store, home: Path) -> None:
    assert store.path == home / "runs.db" and store.runs.list() == [] and store.notices() == []
    with store.connections.writing() as connection:
        pragmas = [connection.execute(f"PRAGMA {name}").fetchall()[0][0]
                   for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
        tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    assert pragmas == ["wal", 1, 1, 30_000]
    ours = {row["name"]: row["strict"] for row in tables if not row["name"].startswith(("sqlite_", "_sqlite"))}
    assert len(ours) == 11 and set(ours.values()) == {1}


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(UserError, match="read-only"), store.connections.reading() as connection:
        connection.execute("DELETE FROM runs")


def test_eight_processes_at_once_make_one_database(home: Path) -> None:
    code = ("from engine.store import Store; from engine.config import RunConfig; Store.open().runs.create("
            "RunConfig(), status='queued', environment={}, git_commit=None, git_dirty=False)")
    processes = [subprocess.Popen([sys.executable, "-c", code], env=os.environ) for _ in range(8)]
    assert [process.wait(timeout=120) for process in processes] == [0] * 8
    assert len(Store.open().runs.list()) == 8


def test_a_database_from_a_newer_version_is_left_alone(store: Store) -> None:
    with store.connections.writing() as connection:
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
                           "VALUES ('darkroom', '9999_tomorrow', 'then')")
    done = _fresh_process("Store.open()")
    assert "written by a newer version of Darkroom (9999_tomorrow)" in done.stderr
    assert [path.name for path in store.path.parent.glob("runs.db.damaged*")] == []


def test_every_migration_is_applied_and_named_in_order(store: Store) -> None:
    with store.connections.reading() as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()]
    assert names == [migration.name for migration in MIGRATIONS._migrations] == list(MIGRATION_NAMES) == sorted(names)


def test_listing_the_runs_of_a_finished_database_imports_nothing_slow(store: Store, make_run: MakeRun) -> None:
    make_run()
    slow = "{'sqlite_utils', 'pandas', 'torch', 'numpy', 'pydantic', 'yaml', 'PIL', 'psutil', 'engine.data'}"
    done = _fresh_process("import sys; from engine.cli.main import main; "
                          f"code = main(['runs']); print(code, {slow} & {{*sys.modules}})")
    assert done.stdout.endswith("\n0 set()\n")


def test_a_database_is_checked_again_only_when_its_file_has_changed(store: Store, make_run: MakeRun,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    def open_anew() -> Store:
        opening._READY.clear()
        return Store.open()

    make_run()
    store.connections.close()
    open_anew().connections.close()
    with monkeypatch.context() as unchanged:
        unchanged.setattr(opening, "_check", None)
        assert open_anew().notices() == []
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    with store.path.open("r+b") as file:
        file.write(content)
    assert "damaged" in open_anew().notices()[0]


def test_a_database_of_another_program_is_left_alone(home: Path) -> None:
    connection = sqlite3.connect(home / "runs.db")
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    with pytest.raises(UserError, match="another program"):
        Store.open()


def test_a_home_below_a_file_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("DARKROOM_HOME", str(home / "file" / "home"))
    with pytest.raises(UserError, match="cannot be written: Not a directory"):
        Store.open()


def test_a_read_only_folder_says_so(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UserError, match="cannot be written: Read-only file system"):
        Store.open()


def test_a_full_disk_leaves_no_half_made_database(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (1024 * 1024 - 16_384))
    with pytest.raises(UserError, match=r"disk full|cannot be written|cannot be used"):
        Store.open()
    assert not (small_disk / "runs.db").exists()
    filler.unlink()
    assert Store.open().runs.list() == []


def test_reading_goes_on_when_the_disk_is_full(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    store = Store.open()
    store.settings.set("cpu_slots", 2)
    filler = fill(small_disk)
    with pytest.raises(UserError, match="disk full"):
        store.events.add(None, "note", "x" * 500_000)
    assert store.settings.get("cpu_slots") == 2
    filler.unlink()
    store.settings.set("cpu_slots", 3)
    assert store.settings.get("cpu_slots") == 3


def test_a_limit_on_file_size_is_one_line_too(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", "from engine.store import Store; Store.open()"], text=True,
                          capture_output=True, timeout=120, check=False, env=os.environ,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    assert done.returncode == 1 and "the disk is full" in done.stderr.splitlines()[-1]


def test_an_empty_file_is_set_aside_not_taken_for_a_database(home: Path) -> None:
    (home / "runs.db").touch()
    store = Store.open()
    (aside,) = home.glob("runs.db.damaged-*")
    assert aside.stat().st_size == 0
    assert store.notices() == [f"runs.db was damaged (it is empty); no run could be recovered. "
                               f"The damaged file is {aside.name}."]


def test_a_file_that_is_no_database_is_kept_under_another_name(home: Path) -> None:
    (home / "runs.db").write_text("dear diary, " * 1000)
    store = Store.open()
    (aside,) = home.glob("runs.db.damaged-*")
    assert aside.read_text() == "dear diary, " * 1000
    assert "not a database" in store.notices()[0]


def test_ids_of_a_new_database_begin_behind_the_folders_of_an_old_one(home: Path, make_run: MakeRun,
                                                                     store: Store) -> None:
    for _ in range(3):
        make_run().folder.mkdir(parents=True, exist_ok=True)
    for left in home.glob("runs.db*"):
        left.unlink()
    again = Store.open()
    run = again.runs.create(RunConfig(), status="queued", environment={}, git_commit=None, git_dirty=False)
    assert run.id == 4
    assert "runs.db was missing, so a new one was created." in again.notices()[0]


def test_opening_twice_in_a_process_is_cheap_and_shares_connections(store: Store,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_prepare", None)
    assert Store.open().connections is store.connections


def test_on_a_network_file_system_there_is_no_write_ahead_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = home / "mountinfo"
    mounts.write_text(f"1 1 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / {home} rw - nfs4 server:/x rw\n")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    store = Store.open()
    assert "network file system (nfs4)" in store.notices()[0]
    with store.connections.writing() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchall()[0][0] == "delete"
        assert connection.execute("PRAGMA synchronous").fetchall()[0][0] == 2
    store.settings.set("x", 1)
    assert store.settings.get("x") == 1 and not (home / "runs.db-wal").exists()


_MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /data rw shared:2 - nfs4 server:/export rw
31 30 0:41 / /data/fast rw - tmpfs none rw
32 22 0:42 / /my\\040share rw - cifs //server/share rw
33 22 0:43 / /hidden rw - nfs server:/old rw
34 22 0:44 / /hidden rw - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize(("path", "kind"), [
    ("/home/me/runs.db", None), ("/data/runs.db", "nfs4"), ("/data/fast/runs.db", None), ("/database/runs.db", None),
    ("/my share/runs.db", "cifs"), ("/hidden/runs.db", None),
])
def test_network_file_system(path: str, kind: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mountinfo").write_text(_MOUNTS)
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "mountinfo")
    assert filesystem.network_file_system(Path(path)) == kind


def test_a_system_without_mountinfo_counts_as_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem, "_MOUNTS", tmp_path / "none")
    assert filesystem.network_file_system(tmp_path) is None
