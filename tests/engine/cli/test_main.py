"""What goes wrong ends in one line and an exit code, never in a traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.config import RunConfig
from engine.home import ROOT
from engine.store import Store
from tests.engine.cli.command import engine
from tests.engine.conftest import fill

TRAIN = ("train", "--dataset", "Digits", "--device", "cpu", "--epochs", "1")
COMMANDS = (TRAIN, (*TRAIN, "--detach"), (*TRAIN, "--model-name", "resnet18"), ("resume", "1"))


def complaint(*words: str) -> str:
    """The one line that a refused command prints."""
    done = engine(*words)
    assert done.returncode == 2 and done.stdout == "", done
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    return lines[0]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_home_without_room_for_runs_is_refused_before_anything_is_queued(words: tuple[str, ...], home: Path) -> None:
    store = Store.open()
    store.runs.create(RunConfig(), status="stopped", environment={}, git_commit=None, git_dirty=False)
    before = store.runs.list()
    shutil.rmtree(home / "artifacts")
    (home / "artifacts").touch()
    assert complaint(*words) == f"error: {home}/artifacts cannot be written: Not a directory"
    assert store.runs.list() == before


@pytest.mark.parametrize("words", [*COMMANDS, ("runs",), ("queue",)], ids=" ".join)
def test_a_home_that_cannot_be_made_says_so(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", "/proc/home")
    assert complaint(*words) == "error: /proc/home cannot be written: No such file or directory"


def test_a_read_only_home_says_so(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    store = Store.open()
    store.runs.create(RunConfig(), status="stopped", environment={}, git_commit=None, git_dirty=False)
    store.connections.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for words in COMMANDS:
        assert "Read-only file system" in complaint(*words)


def test_a_full_disk_says_so_and_queues_nothing(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOME", str(small_disk))
    store = Store.open()
    filler = fill(small_disk)
    for words in COMMANDS[:3]:
        assert "No space left on device" in complaint(*words) or "disk full" in complaint(*words)
    assert store.runs.list() == []
    assert engine("runs").returncode == 0
    filler.unlink()


@pytest.mark.parametrize(("error", "line"), [
    (FileNotFoundError(2, "No such file or directory", "/there"), "error: No such file or directory: /there"),
    (OSError(28, "No space left on device"), "error: the disk is full: "), (OSError("odd"), "error: odd")])
def test_what_the_system_refuses_is_one_line(error: OSError, line: str, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_arguments: object) -> int:
        raise error

    monkeypatch.setattr("engine.cli.main.call", refuse)
    assert main(["runs"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(line) and said.count("\n") == 1


def test_epochs_beyond_the_limit_are_one_line(home: Path) -> None:
    Store.open().runs.create(RunConfig(), status="stopped", environment={}, git_commit=None, git_dirty=False)
    assert "epochs: 999999 is not at most" in complaint("resume", "1", "--epochs", "999999")
    assert "no run '9999" in complaint("show", "9" * 5000)


def test_no_command_imports_torch_before_it_trains() -> None:
    """A run that is queued begins in the warm process; the command must not take seconds to import torch first."""
    modules = [f"engine.cli.{path.stem}" for path in (ROOT / "engine" / "cli").glob("[!_]*.py")
               if path.stem != "foreground"]
    code = f"import sys; import {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert "engine.cli.train" in modules
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
