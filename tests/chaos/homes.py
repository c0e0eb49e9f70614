"""The faults of a run's files: a full disk, a home that is moved or copied, and a database that is lost or damaged."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from engine.home import ROOT, db_path, home
from engine.launch import reap, request_stop
from engine.store import Store, opening
from tests.app_tests import open_page, shown
from tests.chaos.scene import SECONDS, Scene
from tests.processes import in_home, kill, kill_all
from tests.waiting import until

FULL = "the disk is full"


def disk_full(scene: Scene) -> None:
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
            assert FULL in command("show", str(run.id)) and FULL in shown(open_page("live", runs=str(run.id)))
    finally:
        ballast.unlink(missing_ok=True)


def moved(scene: Scene) -> None:
    scene.begin()
    trainer = scene.trainer()
    scene.move(f"moved-{len(scene.homes)}")
    before = scene.homes[-2]
    until(lambda: not trainer.is_alive() and not in_home(before), SECONDS)
    assert not before.exists(), list(before.rglob("*"))


def copied(scene: Scene) -> None:
    run = scene.begin()
    with scene.copy("copy"):
        taken = scene.look(run.id)
        if taken.is_live and scene.trainer().is_alive():
            request_stop(scene.store, taken)
            until(lambda: reap(scene.store) or scene.look(run.id).is_ended, 10)
            assert not scene.trainer().is_alive() or "live elsewhere" in str(scene.look(run.id).error)
    assert scene.look(run.id).requested == "run" and scene.look(run.id).status in ("running", "evaluating", "finished")


def database_deleted(scene: Scene) -> None:
    """Opened again by somebody at once, or only when the trainer has noticed."""
    scene.begin()
    trainer = scene.trainer()
    scene.store.connections.close()
    for file in home().glob("runs.db*"):
        file.unlink(missing_ok=True)
    if scene.chance.random() < 0.5:
        until(lambda: not trainer.is_alive(), 60)
    assert "was missing, so a new one was created" in " ".join(Store.open().notices())


def database_replaced(scene: Scene) -> None:
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


def database_damaged(scene: Scene) -> None:
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


def folder_deleted(scene: Scene) -> None:
    run = scene.begin(lambda run: run.epoch > 1)
    trainer = scene.trainer()
    killed = scene.chance.random() < 0.5
    shutil.rmtree(run.folder, ignore_errors=True)  # something may be written into it at this moment
    if killed:
        kill(trainer.pid)
    until(lambda: reap(scene.store) or scene.look(run.id).is_ended, 60)
    assert killed or scene.look(run.id).status == "finished" or "was deleted" in str(scene.look(run.id).error)


def read_only(scene: Scene) -> None:
    """Another user looks at it, also with the log of writers that were killed, and without their shared memory."""
    run = scene.begin()
    if scene.chance.random() < 0.5:
        kill_all(home())
        scene.store.connections.close()
        db_path().with_name("runs.db-shm").unlink(missing_ok=True)
    look = _as_nobody if os.geteuid() == 0 else command
    os.system(f"chmod -R a-w '{scene.base}'")
    try:
        seen = look("runs", "--json")
        assert seen.startswith("[") and run.id in [row["id"] for row in json.loads(seen)], seen
        refused = look("stop", str(run.id))
        assert refused.count("\n") == 1 and "can only be viewed" in refused, refused
    finally:
        os.system(f"chmod -R u+w,go-rwx '{scene.base}'")


def _fill(file: Path) -> None:
    for size in (1 << 20, 1 << 12):
        try:
            with file.open("ab", buffering=0) as ballast:
                while ballast.write(bytes(size)) == size:
                    pass
        except OSError:
            continue


def command(*words: str) -> str:
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
