"""The faults: one function each, which begins a run, disturbs it, and looks at what only this fault promises."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.home import ROOT, db_path, home
from engine.launch import reap, request_stop
from engine.launch.launchers.local.places import state_path
from engine.store import Run, Store, opening
from tests.app_tests import open_page, shown
from tests.chaos.crowds import tabs, writers
from tests.chaos.scene import SECONDS, Scene
from tests.fake_runs import add_run
from tests.processes import in_home, kill, kill_all
from tests.waiting import until

FULL = "the disk is full"
MANY = 2000


@dataclass(frozen=True)
class Fault:
    """``says``: what the row says of the run then. ``resumes``: the run can be resumed to the same end."""

    happen: Callable[[Scene], object]
    says: str = ""
    resumes: bool = True


def _trainer_killed(scene: Scene) -> None:
    scene.begin()
    kill(scene.trainer().pid)


def _dispatcher_killed(scene: Scene) -> None:
    scene.begin()
    _kill_dispatcher()


def _both_killed(scene: Scene) -> None:
    scene.begin()
    _kill_dispatcher()
    kill(scene.trainer().pid)


def _supervisor_killed(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    if trainer.is_alive():
        kill(psutil.Process(trainer.pid).ppid())


def _group_killed(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    if trainer.is_alive():
        os.killpg(os.getpgid(trainer.pid), signal.SIGKILL)


def _everything_killed(scene: Scene) -> None:
    scene.begin()
    kill_all(home())


def _killed_in_a_checkpoint(scene: Scene) -> None:
    scene.begin(lambda run: run.step > 11 and list(run.folder.glob("checkpoints/.writing-*")))
    kill(scene.trainer().pid)


def _killed_in_predictions(scene: Scene) -> None:
    scene.begin(lambda run: list(run.folder.glob(".predictions*")) or run.status == "evaluating")
    kill(scene.trainer().pid)


def _stopped(scene: Scene) -> None:
    _request_stop(scene.store, scene.begin())


def _suspended_and_stopped(scene: Scene) -> None:
    run = scene.begin()
    os.kill(scene.trainer().pid, signal.SIGSTOP)
    began = time.monotonic()
    _request_stop(scene.store, run)
    until(lambda: scene.look(run.id).is_ended, 30)
    assert time.monotonic() - began < 15 + 3  # beside what a busy machine keeps the dispatcher waiting


def _suspended(scene: Scene) -> None:
    run = scene.begin()
    trainer = scene.trainer()
    os.kill(trainer.pid, signal.SIGSTOP)
    until(lambda: not scene.look(run.id).is_live or scene.look(run.id).silence, 20)
    now = scene.look(run.id)
    assert now.is_ended or ("no sign of life for" in str(now.remark) and "no sign of life for" in _command("runs"))
    os.kill(trainer.pid, signal.SIGCONT)


def _disk_full(scene: Scene) -> None:
    """The whole disk where the home has one of its own, else every file of the trainer."""
    run = scene.begin()
    trainer, ballast = scene.trainer(), scene.base / "ballast"
    try:
        if os.path.ismount(scene.base):
            _fill(ballast)
        elif trainer.is_alive():
            psutil.Process(trainer.pid).rlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        until(lambda: reap(scene.store) or scene.look(run.id).is_ended, SECONDS)
        now = scene.look(run.id)
        assert now.status in ("failed", "finished")
        if now.status == "failed":
            assert FULL in str(now.error) and FULL in scene.log(), (now.error, scene.log())
            assert FULL in _command("show", str(run.id)) and FULL in shown(open_page("live", runs=str(run.id)))
    finally:
        ballast.unlink(missing_ok=True)


def _moved(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    scene.move(f"moved-{len(scene.homes)}")
    before = scene.homes[-2]
    until(lambda: not trainer.is_alive() and not in_home(before), SECONDS)
    assert not before.exists(), list(before.rglob("*"))


def _copied(scene: Scene) -> None:
    run = scene.begin()
    with scene.copy("copy"):
        copied = scene.look(run.id)
        if copied.is_live and scene.trainer().is_alive():
            request_stop(scene.store, copied)
            until(lambda: reap(scene.store) or scene.look(run.id).is_ended, 10)
            assert not scene.trainer().is_alive() or "live elsewhere" in str(scene.look(run.id).error)
    assert scene.look(run.id).requested == "run" and scene.look(run.id).status in ("running", "evaluating", "finished")


def _database_deleted(scene: Scene) -> None:
    """Opened again by somebody at once, or only when the trainer has noticed."""
    scene.begin()
    trainer = scene.trainer()
    scene.store.connections.close()
    for file in home().glob("runs.db*"):
        file.unlink(missing_ok=True)
    if scene.chance.random() < 0.5:
        until(lambda: not trainer.is_alive(), 60)
    assert "was missing, so a new one was created" in " ".join(Store.open().notices())


def _database_replaced(scene: Scene) -> None:
    """By one of another home, and put back once the trainer has noticed."""
    scene.begin()
    trainer, aside, original = scene.trainer(), scene.base / "aside", home()
    os.environ["DARKROOM_HOME"] = str(scene.base / "other")
    Store.open().connections.close()
    other = db_path()
    os.environ["DARKROOM_HOME"] = str(original)
    scene.store.connections.close()
    aside.mkdir()
    for file in ("runs.db-wal", "runs.db-shm", "runs.db"):
        if (home() / file).exists():
            (home() / file).replace(aside / file)
    other.replace(db_path())
    until(lambda: not trainer.is_alive(), 60)
    kill_all(home())
    for file in home().glob("runs.db*"):
        file.unlink()
    for file in aside.iterdir():
        file.replace(home() / file.name)
    shutil.rmtree(aside)
    shutil.rmtree(other.parent)


def _database_damaged(scene: Scene) -> None:
    """After a crash, so that nothing has it open."""
    scene.begin()
    kill_all(home())
    scene.store.connections.close()
    damage = scene.chance.choice(["header", "half", "log"])
    if damage == "log":
        db_path().with_name("runs.db-wal").unlink(missing_ok=True)
    else:
        with db_path().open("r+b") as file:
            file.write(bytes(100)) if damage == "header" else file.truncate(db_path().stat().st_size // 2)
    db_path().with_name("runs.db-shm").unlink(missing_ok=True)
    opening._READY.clear()


def _folder_deleted(scene: Scene) -> None:
    run = scene.begin(lambda run: run.epoch > 1)
    trainer = scene.trainer()
    killed = scene.chance.random() < 0.5
    shutil.rmtree(run.folder, ignore_errors=True)  # something may be written into it at this moment
    if killed:
        kill(trainer.pid)
    until(lambda: reap(scene.store) or scene.look(run.id).is_ended, 60)
    assert killed or scene.look(run.id).status == "finished" or "was deleted" in str(scene.look(run.id).error)


def _read_only(scene: Scene) -> None:
    """Another user looks at it, also with the log of writers that were killed, and without their shared memory."""
    run = scene.begin()
    if scene.chance.random() < 0.5:
        kill_all(home())
        scene.store.connections.close()
        db_path().with_name("runs.db-shm").unlink(missing_ok=True)
    look = _as_nobody if os.geteuid() == 0 else _command
    os.system(f"chmod -R a-w '{scene.base}'")
    try:
        seen = look("runs", "--json")
        assert seen.startswith("[") and run.id in [row["id"] for row in json.loads(seen)], seen
        refused = look("stop", str(run.id))
        assert refused.count("\n") == 1 and "can only be viewed" in refused, refused
    finally:
        os.system(f"chmod -R u+w,go-rwx '{scene.base}'")


def _ten_tabs(scene: Scene) -> None:
    """The server alone makes the row true, while ten pages watch."""
    with tabs(10):
        run = scene.begin()
        _kill_dispatcher()
        kill(scene.trainer().pid)
        until(lambda: scene.look(run.id).is_ended, 10)


def _sixteen_writers(scene: Scene) -> None:
    """Every third of them is killed, as is the trainer."""
    with writers(scene.store, 16, 3000, killed=range(0, 16, 3)):
        scene.begin()
        kill(scene.trainer().pid)


def _many_runs(scene: Scene) -> None:
    """The home has 2,000 runs from here on."""
    pattern, store = add_run(scene.store, name="one of many"), scene.store
    for _ in range(MANY - len(store.runs.list())):
        store.runs.create(pattern.config_object(), status="finished", environment={}, git_commit=None, git_dirty=False)
    began = time.process_time()  # other work on the machine counts not
    assert len(store.runs.list()) >= MANY and time.process_time() - began < 0.5
    app = open_page("runs")
    assert not app.exception and not app.error
    scene.begin()
    kill(scene.trainer().pid)


FAULTS = {
    "trainer killed": Fault(_trainer_killed),
    "dispatcher killed": Fault(_dispatcher_killed),
    "trainer and dispatcher killed": Fault(_both_killed),
    "supervisor killed": Fault(_supervisor_killed),
    "process group killed": Fault(_group_killed),
    "every process killed": Fault(_everything_killed),
    "killed in a checkpoint": Fault(_killed_in_a_checkpoint),
    "killed in predictions": Fault(_killed_in_predictions),
    "stopped": Fault(_stopped),
    "suspended, then stopped": Fault(_suspended_and_stopped),
    "suspended for 10 s": Fault(_suspended),
    "disk full": Fault(_disk_full),
    "home moved": Fault(_moved, says="its home was moved"),
    "home copied": Fault(_copied),
    "database deleted": Fault(_database_deleted),
    "database replaced": Fault(_database_replaced),
    "database damaged": Fault(_database_damaged),
    "run's folder deleted": Fault(_folder_deleted, resumes=False),
    "viewed by another user": Fault(_read_only),
    "ten tabs, both killed": Fault(_ten_tabs),
    "sixteen writers": Fault(_sixteen_writers),
    "2,000 runs": Fault(_many_runs),
}


def _kill_dispatcher() -> None:
    kill(int(json.loads(state_path().read_text())["pid"]))


def _request_stop(store: Store, run: Run) -> None:
    if store.runs.get(run.id).is_live:
        request_stop(store, run)


def _fill(file: Path) -> None:
    for size in (1 << 20, 1 << 12):
        try:
            with file.open("ab", buffering=0) as ballast:
                while ballast.write(bytes(size)) == size:
                    pass
        except OSError:
            continue


def _command(*words: str) -> str:
    """What a command prints, either way."""
    done = subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout or done.stderr


_NOBODY = """
import contextlib, io, os, sys
from engine.cli.main import main
from engine.store import opening
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    main(["runs"]), main(["stop", "0"])  # imports what nobody may not read
opening._READY.clear()
os.system("chmod -R o+rX " + os.path.dirname(os.environ["DARKROOM_HOME"]))
os.setgroups([]), os.setgid(65534), os.setuid(65534)
sys.exit(main(sys.argv[1:]))
"""


def _as_nobody(*words: str) -> str:
    """What a command prints to a user who owns nothing."""
    done = subprocess.run([sys.executable, "-c", _NOBODY, *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout or done.stderr
