"""What a submitted run's row says, and what is refused before there is one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.form.draft import current, key
from engine.cli.main import main
from engine.config import RunConfig, parse_config
from engine.errors import ConfigError, UserError
from engine.launch import create_foreground, reap, resume, submit
from engine.launch.launchers.local.process import Identity
from engine.launch.launchers.local.runfiles import read_identity
from engine.launch.launchers.local.warm_client import warm_state
from engine.launch.provenance import LIBRARIES
from engine.launch.queue import check_needs
from engine.launch.slots import free_slots
from engine.store import Store
from tests.engine.launch.conftest import Start, queue, wait_for


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dispatcher is started."""
    monkeypatch.setattr("engine.launch.queue.ensure_dispatcher", lambda: None)


def test_a_submitted_run_is_named_and_says_what_it_is_made_with(store: Store, nobody: None) -> None:
    run = submit(store, RunConfig())
    assert run.status == "queued" and run.name == "10_tinyvgg_a_default_AdamW"
    assert {*LIBRARIES, "python", "darkroom", "host", "platform"} <= run.environment.keys()


def test_a_relative_folder_is_the_caller_s(store: Store, nobody: None, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert submit(store, RunConfig(data_path="pictures")).config["data_path"] == str(tmp_path / "pictures")


def test_a_foreground_run_is_this_process_and_nobody_starts_it(store: Store, dispatch: Start) -> None:
    dispatch()
    run = create_foreground(store, RunConfig())
    assert (run.status, run.slot, run.handle) == ("starting", "cpu:0", {"launcher": "local", "job": f"{run.id}:1"})
    assert read_identity(run.id, 1) == Identity.of(os.getpid())
    waiting = queue(store)
    assert reap(store) == [] and store.runs.get(waiting.id).status == "queued"
    store.runs.transition(run.id, "finished", expected=("starting",), slot=None)
    wait_for(store, waiting, "finished")


def test_the_dispatcher_tells_of_the_warm_process(store: Store, dispatch: Start) -> None:
    assert warm_state() == "warming"
    dispatch()
    assert warm_state() == "off"


def test_a_slot_the_dispatcher_gives_away_meanwhile_is_not_taken_too(store: Store, nobody: None,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = submit(store, RunConfig(device="cpu"))

    def overtaken(*about: Any) -> list[str]:
        free = free_slots(*about)
        assert store.runs.claim(free) is not None
        return free

    monkeypatch.setattr("engine.launch.queue.free_slots", overtaken)
    run = create_foreground(store, RunConfig(device="cpu"))
    assert (run.status, run.slot, store.runs.get(waiting.id).slot) == ("starting", None, "cpu:0")


@pytest.mark.parametrize("blocked", ["artifacts", "artifacts/launch", "artifacts/runs"])
def test_a_home_that_cannot_be_written_is_refused_before_anything_is_queued(blocked: str, store: Store, home: Path,
                                                                            nobody: None) -> None:
    run = submit(store, RunConfig())
    store.runs.update(run.id, status="stopped")
    before = store.runs.list()
    shutil.rmtree(home / "artifacts")
    (home / blocked).parent.mkdir(exist_ok=True)
    (home / blocked).touch()
    for way in (lambda: submit(store, RunConfig()), lambda: create_foreground(store, RunConfig()),
                lambda: resume(store, run)):
        with pytest.raises(UserError, match="artifacts cannot be written"):
            way()
    assert store.runs.list() == before


def test_a_data_set_that_is_not_there_is_refused_before_it_is_queued(store: Store) -> None:
    with pytest.raises(UserError, match="CIFAR10 was not found in /nowhere: name the folder"):
        submit(store, RunConfig(dataset="CIFAR10", data_path="/nowhere"))
    assert store.runs.list() == []


@pytest.mark.parametrize(("refused", "words"), [
    (RunConfig(weights="file", weights_path="/nowhere/a.safetensors"), "weights_path: '/nowhere/a.safetensors' is not"),
    (RunConfig(precision="fp16", device="cpu"), "precision: 'fp16' is not for the CPU"),
    (RunConfig(precision="fp16"), "precision: 'fp16' is not for the CPU"),
])
def test_what_cannot_start_is_refused_before_it_is_queued(refused: RunConfig, words: str, store: Store,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.launchers.local.launcher.machine_devices", lambda gpus: ["cpu"])
    for way in (submit, create_foreground):
        with pytest.raises(UserError, match=words):
            way(store, refused)
    assert store.runs.list() == []


def test_float16_is_queued_where_there_is_a_gpu(store: Store, nobody: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.launchers.local.launcher.find_gpus", lambda: {"cuda:0": "GPU-1"})
    assert submit(store, RunConfig(precision="fp16")).status == "queued"


def test_weights_are_taken_from_the_callers_own_folder(store: Store, nobody: None, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    run = submit(store, RunConfig(weights="file", weights_path="own.safetensors"))
    assert run.config["weights_path"] == str(tmp_path / "own.safetensors")


GONE = {"model": "resnet18", "weights": "file", "weights_path": "/nowhere/weights.pth"}


def test_a_weights_file_that_is_not_there_is_named_by_its_field(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"weights_path: '/nowhere/weights.pth' is not an existing file"):
        check_needs(parse_config(GONE))
    there = tmp_path / "weights.pth"
    there.touch()
    check_needs(parse_config(GONE | {"weights_path": str(there)}))


def test_a_dry_run_and_the_form_say_so_too(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in GONE.items()]
    assert main(["train", "--dry-run", *flags]) == 2
    assert "weights_path: '/nowhere/weights.pth'" in capsys.readouterr().err
    monkeypatch.setattr("streamlit.session_state", {key(name): value for name, value in GONE.items()})
    assert "is not an existing file" in current().error_at("weights_path")
