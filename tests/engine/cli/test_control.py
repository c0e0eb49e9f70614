"""The queue from the terminal: detach, stop, pause, resume, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.runner.main import train_run
from engine.store import Store
from tests.engine.cli.command import TINY, document, engine
from tests.fake_runs import add_checkpoint, add_run
from tests.waiting import until

LONG = (*TINY, "--epochs", "100000")


def status(ref: str) -> str:
    return str(document("show", ref)["status"])


def trained(ref: str) -> Any:
    return until(lambda: document("show", ref)["step"] > 0, seconds=120)


@pytest.fixture
def nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is queued waits for :func:`train_queued`."""
    monkeypatch.setattr("engine.launch.queue.ensure_dispatcher", lambda: None)


def train_queued() -> None:
    """Train the run that is queued, as the dispatcher would let a process do."""
    run = Store.open().runs.claim(("cpu",))
    assert run is not None and train_run(run.id) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_detached_runs_wait_their_turn_obey_and_resume() -> None:
    first = document("train", *LONG, "--exp-name", "first", "--detach")
    document("train", *TINY, "--epochs", "1", "--exp-name", "second", "--detach")
    trained("first")
    assert (status("first"), status("second")) == ("running", "queued")
    assert engine("pause", "first").returncode == 0
    until(lambda: status("first") == "paused")
    until(lambda: status("second") == "finished", seconds=120)
    before = document("show", "first")["step"]
    document("resume", str(first["id"]))
    until(lambda: document("show", "first")["step"] > before, seconds=120)
    refused = engine("delete", "first", "--yes")
    assert refused.returncode == 2 and "stop it before deleting" in refused.stderr
    assert engine("stop", "first").returncode == 0
    until(lambda: status("first") == "stopped")
    assert document("delete", "first", "second", "--yes") == {"deleted": [1, 2]}
    assert document("runs") == []


@pytest.mark.usefixtures("nobody")
def test_a_finished_run_trains_on_when_asked_for_more_epochs() -> None:
    document("train", *TINY, "--epochs", "1", "--exp-name", "more")
    refused = engine("resume", "more")
    assert refused.returncode == 2 and "finished its 1 epochs" in refused.stderr
    document("resume", "more", "--epochs", "2")
    train_queued()
    shown = document("show", "more")
    assert (shown["status"], shown["epoch"]) == ("finished", 2)
    assert shown["config"]["epochs"] == 2 and shown["attempt"] == 2
    assert shown["metrics"]["loss"]["count"] == shown["total_steps"] == 12


@pytest.mark.usefixtures("nobody")
def test_several_runs_are_resumed_at_once_or_none_if_one_is_not_there() -> None:
    for name in ("first", "second"):
        add_checkpoint(add_run(Store.open(), "stopped", epochs=2, name=name))
    refused = engine("resume", "first", "third")
    assert refused.returncode == 2 and "no run 'third'" in refused.stderr
    assert (status("first"), status("second")) == ("stopped", "stopped")
    resumed = document("resume", "first", "2", "--more", "3")
    assert [(run["name"], run["status"], run["config"]["epochs"]) for run in resumed] == [
        ("first", "queued", 5), ("second", "queued", 5)]


@pytest.mark.usefixtures("nobody")
def test_more_epochs_are_counted_from_what_was_trained() -> None:
    document("train", *TINY, "--epochs", "9", "--early-stopping", "1", "--min-gain", "0.9", "--exp-name", "early")
    early = document("show", "early")
    assert (early["status"], early["epoch"], early["config"]["epochs"]) == ("finished", 2, 9)
    assert "stopped early after epoch 2 of 9" in early["resolved"]["notes"][-1]
    for words, expected in ((("--more", "0"), "more: 0"),
                            (("--epochs", "2"), "epochs: 2 is less than the 9 of run early"),
                            (("--more", "1", "--epochs", "9"), "not allowed with"), ((), "finished its 2 epochs")):
        refused = engine("resume", "early", *words)
        assert refused.returncode == 2 and expected in refused.stderr
    document("resume", "early", "--more", "1")
    train_queued()
    shown = document("show", "early")
    assert (shown["status"], shown["epoch"], shown["config"]["epochs"]) == ("finished", 3, 3)
    assert not any("stopped early" in note for note in shown["resolved"]["notes"])


@pytest.mark.usefixtures("nobody")
def test_queued_runs_are_put_before_the_others_in_the_order_named() -> None:
    store = Store.open()
    for name in ("one", "two", "three", "four"):
        add_run(store, "queued", name=name)
    add_run(store, name="done")
    assert engine("next", "four", "2").returncode == 0
    assert [run["name"] for run in document("queue")["runs"]] == ["four", "two", "one", "three"]
    claimed = store.runs.claim(("cpu",))
    assert claimed is not None and claimed.name == "four"
    refused = engine("next", "three", "done")
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1
    assert "next: run done is finished: only queued runs can be put before others" in refused.stderr
    assert [run["name"] for run in document("queue")["runs"]] == ["four", "two", "one", "three"]
