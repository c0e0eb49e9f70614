"""``evaluate`` and ``ensemble`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.evaluate import points
from engine.cli.main import main
from engine.config import parse_config
from engine.evaluation.conditions import describe_checkpoint
from engine.runner.main import train_run
from engine.store import Conditions, Evaluation, Store
from tests.engine.training.runs import CPU
from tests.fake_runs import add_run


def test_every_checkpoint_and_an_ensemble_from_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def document(*words: str) -> Any:
        capsys.readouterr()
        assert main((*words, "--json")) == 0
        return json.loads(capsys.readouterr().out)

    store = Store.open()
    for name, rate in (("one", 0.05), ("two", 0.02)):
        config = parse_config(CPU | {"epochs": 2, "lr": rate, "keep_checkpoints": "all", "name": name})
        run = store.runs.create(config, status="starting", environment={}, git_commit=None, git_dirty=False)
        assert train_run(run.id) == 0
    found = document("evaluate", "one", "--checkpoint", "all")
    assert [(each["checkpoint"], each["split"]) for each in found] == [
        (name, split) for name in ("best", "last", "epoch-0001", "epoch-0002") for split in ("val", "test")]
    assert found[1]["metrics"]["top1"] == document("show", "one")["test_accuracy"]
    assert found[1]["temperature"]["value"] > 0 and found[0]["temperature"] is None
    assert len(found[1]["per_class"]) == 10
    assert main(("evaluate", "one", "--checkpoint", "2", "--split", "test", "--scales", "32,40")) == 0
    table = capsys.readouterr().out
    assert "epoch 2" in table and "at 32 and 40 px" in table
    together = document("ensemble", "one", "two", "--weights", "fitted")
    assert sum(member["weight"] for member in together["members"]) == pytest.approx(1)
    assert together["gain"]["low"] <= together["gain"]["value"] <= together["gain"]["high"]
    assert main(("ensemble", "one", "two")) == 0
    assert "gain over the best member" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "told"), [
    (("evaluate", "1", "--checkpoint", "worst"), "checkpoint: 'worst' is not best, last, all or the number of"),
    (("evaluate", "1"), "has no checkpoint to evaluate"),
    (("evaluate", "2"), "is running: wait until it has ended, or pause it"),
    (("ensemble", "1", "1"), "ensemble: needs two different runs or more"),
    (("ensemble", "1", "2"), "has no stored test predictions"),
    (("ensemble", "1", "2", "--weights", "best"), "weights: 'best' is not mean or fitted"),
])
def test_mistakes_are_one_line(home: Path, words: tuple[str, ...], told: str,
                               capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open()
    add_run(store)
    add_run(store, "running", epochs=1)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1


def test_checkpoints_and_differences_in_words() -> None:
    def found(checkpoint: str, weights: str) -> Evaluation:
        return Evaluation(1, Conditions(checkpoint), {}, Path("p"), "x", 0.0, weights)

    assert describe_checkpoint(found("best", "epoch-0007")) == "best (epoch 7)"
    assert describe_checkpoint(found("epoch-0003", "epoch-0003")) == "epoch 3"
    assert describe_checkpoint(found("last", "")) == "last"
    assert points(-0.0123) == "−1.23 points"
