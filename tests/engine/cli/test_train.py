"""``train`` in the foreground, detached and dry."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.config import RunConfig
from engine.home import ROOT
from engine.store import Store
from tests.engine.cli.command import TINY, document, engine, engine_process
from tests.waiting import until


def test_the_readmes_first_command_runs_as_it_stands(home: Path) -> None:
    words = ("train --dataname Digits --model-name tinyvgg_a --opt-name AdamW --lr 0.003 "
             "--schedule onecycle --epochs 10 --exp-name first")
    assert words in " ".join((ROOT / "README.md").read_text().replace("\\\n", " ").split())
    done = engine_process(*words.split())
    assert done.returncode == 0 and done.stdout == "" and "finished" in done.stderr
    shown = document("show", "first")
    assert shown["status"] == "finished" and shown["test_accuracy"] > 0.95 and shown["epoch"] == 10
    assert {"id", "name", "status", "config", "best_val_accuracy", "test_accuracy", "error"} <= shown.keys()


def test_json_is_one_document_and_messages_go_to_stderr(home: Path) -> None:
    done = engine("train", *TINY, "--epochs", "1", "--json")
    assert json.loads(done.stdout)["status"] == "finished"


def test_a_run_that_fails_exits_with_one(home: Path) -> None:
    done = engine("train", *TINY, "--lr", "90", "--epochs", "1")
    assert done.returncode == 1 and "try lr below 90" in done.stderr and "Traceback" not in done.stderr


def test_interrupted_it_stops_resumably_and_exits_with_130(home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "engine", "train", *TINY, "--epochs", "100000"], cwd=ROOT,
                               stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: (home / "runs.db").exists() and any(run.step > 0 for run in Store.open().runs.list()))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130 and "resume" in errors and "Traceback" not in errors
    [run] = Store.open().runs.list()
    assert run.status == "stopped" and (run.folder / "checkpoints" / "index.json").exists()


def test_an_interrupt_ends_a_whole_grid(home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "engine", "train", *TINY, "--epochs", "100000", "--seed", "1,2"],
                               cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: (home / "runs.db").exists() and any(run.step > 0 for run in Store.open().runs.list()))
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert [run.status for run in Store.open().runs.list()] == ["stopped"]


@pytest.mark.usefixtures("jobs_here")
def test_a_dry_run_starts_nothing_and_tells_the_cost(home: Path) -> None:
    found = document("train", *TINY, "--dry-run", "--epochs", "3")
    assert found["steps"] == 18 and found["cost"]["parameters"] == 153_386 and found["image_size"] == 32
    assert RunConfig.model_validate(found["config"]).epochs == 3
    assert Store.open().runs.list() == []


@pytest.mark.usefixtures("jobs_here")
def test_a_dry_run_tells_that_a_known_set_would_be_downloaded(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--dataset", "CIFAR10", "--model", "tinyvgg_a", "--dry-run"]) == 0
    assert "CIFAR10 is not here yet and would be downloaded: python -m engine data CIFAR10" in capsys.readouterr().out
    for data in ("CIFAR10", "folder"):
        assert main(["train", "--dataset", data, "--data-path", str(home / "nowhere"), "--dry-run"]) == 2


@pytest.mark.usefixtures("jobs_here")
def test_a_config_file_is_read_and_flags_win(home: Path) -> None:
    (home / "config.yaml").write_text("lr: 0.5\nepochs: 7\ndataname: digits\n")
    found = document("train", "--config", str(home / "config.yaml"), "--epochs", "2", "--dry-run")
    assert (found["config"]["lr"], found["config"]["epochs"]) == (0.5, 2)


@pytest.mark.parametrize(("words", "expected"), [
    (("train", "--optimzer", "SGD"), "unrecognized arguments: --optimzer"),
    (("train", "--config", "none.yaml"), "cannot read none.yaml"),
    (("train", "resnet18", "--model-name", "resnet34"), "given twice, as resnet18 and as --model resnet34"),
    (("train", "--num-classes", "100"), "num_classes: 100 is not 10, the classes of Digits"),
    (("train", "--dataset", "folder"), "data_path: '' is not the place of your own pictures"),
    (("train", "--dataset", "npy", "--data-path", "/nowhere"), "data_path: '/nowhere' is not an existing place"),
    (("trian",), "invalid choice"),
    ((), "required: COMMAND"),
    (("show", "nothing"), "nothing"),
    (("resume", "1", "--epochs", "many"), "many"),
    (("queue", "--cpu-slots", "0"), "from 1 to 64"),
    (("queue", "--cpu-slots", "1000000000"), "from 1 to 64"),
    (("runs", "--status", "done"), "status: 'done' is not one of queued"),
])
def test_usage_errors_are_one_line_and_exit_with_two(words: tuple[str, ...], expected: str, home: Path) -> None:
    done = engine(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and expected in done.stderr, done.stderr


def test_models_are_listed_by_name_or_family(home: Path) -> None:
    assert {row["name"] for row in document("models", "resnet1")} >= {"resnet18", "resnet101"}
    assert document("models", "tinyvgg_v4") == [
        {"name": "tinyvgg_v4", "family": "tinyvgg", "size": 32, "parameters": 1_314_906}]


@pytest.mark.usefixtures("jobs_here")
def test_a_dry_run_tells_what_looks_unwise(home: Path) -> None:
    done = engine("train", *TINY, "--opt-name", "Adam", "--lr", "0.1", "--dry-run", "--json")
    assert "warning: Adam at learning rate 0.1 with batch size" in done.stderr and "Kingma and Ba" in done.stderr
    said = {remark["rule"]: remark["level"] for remark in json.loads(done.stdout)["remarks"]}
    assert said == {"rate-high": "warning", "few-steps-an-epoch": "warning"}
