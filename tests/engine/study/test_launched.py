"""A study through the real dispatcher: one of its runs killed, seen, tried again, and none ever made twice."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.launch import reap
from engine.store import Run, Store
from tests.engine.launch.conftest import trainer_pid
from tests.waiting import until

# Epochs of a second or so: long enough for a run to be caught in its first.
DECLARED = """
name: small
factors: {augmentation: [default, weak]}
settings: {dataset: Digits, model: tinyvgg_a, image_size: 96, epochs: 2, batch_size: 64, device: cpu}
seeds: [0]
"""


@pytest.mark.slow
def test_a_killed_run_is_tried_again_and_what_has_finished_is_not(
        home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(DECLARED)
    store = Store.open()
    assert main(["study", "run", str(file)]) == 0
    running = until(lambda: next((run for run in store.runs.list() if run.status == "running" and run.epoch < 1), None))
    os.kill(trainer_pid(running), signal.SIGKILL)
    over = until(lambda: _ended(store), 200)
    (killed,) = [run for run in over if run.status == "failed"]
    assert killed.error == "killed by signal 9" and sorted(_states(capsys)) == ["done", "failed"]

    capsys.readouterr()
    assert main(["study", "run", str(file), "--dry-run"]) == 0
    assert "1 reused, 0 to launch, 1 failed (study retry)" in capsys.readouterr().err
    assert main(["study", "retry", "small"]) == 0
    assert main(["study", "run", str(file), "--wait"]) == 0
    assert _states(capsys) == ["done", "done"]
    assert {run.id: run.attempt for run in store.runs.list()} == {
        run.id: 1 + (run.id == killed.id) for run in over}

    assert main(["study", "run", str(file)]) == 0
    assert "no run is missing" in capsys.readouterr().err
    other = tmp_path / "other.yaml"
    other.write_text(DECLARED.replace("name: small", "name: other"))
    assert main(["study", "run", str(other)]) == 0
    assert "2 reused, 0 to launch" in capsys.readouterr().err and len(store.runs.list()) == 2


def _ended(store: Store) -> list[Run]:
    reap(store)
    runs = store.runs.list()
    return runs if all(run.status in ("finished", "failed") for run in runs) else []


def _states(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert main(["study", "status", "small", "--json"]) == 0
    return [entry["state"] for entry in json.loads(capsys.readouterr().out)["entries"]]
