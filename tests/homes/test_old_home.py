"""A home that was made before, and elsewhere, is opened: everything in it is there, and goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cli.main import main
from engine.evaluation.box_results import load_detection_results
from engine.runner.main import train_run
from engine.store import Run, Store
from engine.study.versions import Studies
from tests.homes.opening import FOLDER, opened

NAME = "2026-11"
RUNS = {
    "digits": (1, "finished", "becb30603d482a8f"),
    "halfway": (2, "stopped", "d880b41179404c89"),
    "diverged": (3, "failed", "6ca8f72c7f65a0c1"),
    "boxes": (4, "finished", "69db1420e34ff500"),
    "own": (5, "finished", "4819b2d174b184b9"),
    "erasing_default_s0": (6, "finished", "ca103334caf87864"),
    "erasing_strong_s0": (7, "finished", "ee5f4ec506e86fe4"),
    "erasing_default_s1": (8, "finished", "ad92825c83beed32"),
    "erasing_strong_s1": (9, "finished", "313e88729f381730"),
    "published_default": (10, "finished", "10167d87aa185ce4"),
    "published_weak": (11, "finished", "cf5d9fc426aab104"),
    "queued": (12, "queued", "f303536d02c15b25"),
    "paused": (13, "paused", "9f20654cecc53b45"),
    "killed": (14, "running", "cc6325ab488e0c75"),
}
"""Id, status and config hash by name."""

SHOWN: list[dict[str, Any]] = json.loads((FOLDER / f"{NAME}.json").read_text())
"""What ``show --json`` said of each run but the killed one on the day, without what only repeats its config."""

COSTS = {"model=tinyvgg_a stem=standard classes=10 channels=1 size=32 timm=1.0.31":
         {"parameters": 153_386, "macs": 2_441_856}}


Document = Callable[..., Any]


@pytest.fixture
def store(home: Path) -> Store:
    return opened(NAME, home)


@pytest.fixture
def document(capsys: pytest.CaptureFixture[str]) -> Document:
    """The one JSON document a command prints."""
    def printed(*words: str) -> Any:
        capsys.readouterr()
        assert main([*words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return printed


def test_every_run_is_there_with_its_status_and_hash(store: Store) -> None:
    assert {run.name: (run.id, run.status, run.config_hash) for run in reversed(store.runs.list())} == RUNS
    for run in store.runs.list():
        assert run.config_object().hash() == run.config_hash, run.name
        assert run.config_object().model_dump(mode="json").items() >= run.config.items(), run.name


def test_show_says_of_every_run_what_it_said(store: Store, document: Document) -> None:
    assert [pinned["name"] for pinned in SHOWN] == [name for name in RUNS if name != "killed"]
    for pinned in SHOWN:
        found = document("show", pinned["name"])
        assert is_within(pinned, found), pinned["name"]
        assert found.keys() >= {"config", "environment", "resolved", "folder"}
        assert found["folder"] == str(store.runs.get(found["id"]).folder)


@pytest.mark.usefixtures("store")
def test_all_runs_are_listed_with_what_they_had(document: Document) -> None:
    found = {run["name"]: run for run in document("runs")}
    assert list(found) == list(reversed(RUNS))
    listed = [{key: value for key, value in pinned.items() if key not in ("metrics", "evaluations")}
              for pinned in SHOWN]
    assert [pinned["name"] for pinned in listed if not is_within(pinned, found[pinned["name"]])] == []


def test_the_run_whose_machine_died_is_lost_and_its_journal_is_read_up_to_the_torn_line(
        store: Store, document: Document) -> None:
    document("runs")
    run = store.runs.find("killed")
    assert run.status == "lost" and run.error is not None and "no sign of life" in run.error
    assert document("show", "killed")["metrics"]["loss"]["count"] == 29
    steps, losses = store.metrics.curve(run.id, "loss")
    assert steps.tolist() == list(range(1, 30)) and np.array_equal(losses, 2 / steps)
    run = store.runs.get(run.id)
    assert (run.step, run.epoch, run.best_val_accuracy) == (29, 1, 0.75)


def test_what_belongs_to_no_run_is_kept(store: Store, document: Document) -> None:
    assert store.settings.get("cpu_slots") == 2
    assert {key: store.costs.get(key) for key in COSTS} == COSTS
    assert [(study.name, len(Studies(store).versions(study.name))) for study in Studies(store).list()] == [
        ("published", 1), ("erasing", 1)]
    assert store.notices() == []
    assert [(found["run"], found["rule"], found["serious"], found["acknowledged"], found["note"])
            for found in document("doctor")] == [
        (5, "class-never-named", False, False, ""),  # a rule since then
        (3, "not-finite", True, True, "The rate was chosen to break it.")]


def test_the_study_is_judged_as_it_was(store: Store, document: Document, tmp_path: Path) -> None:
    (judged,) = document("study", "verdicts", "erasing")
    assert (judged["name"], judged["verdict"], judged["observed"]) == ("H1", "inconclusive", "agrees")
    (contrast,) = judged["contrasts"]
    assert contrast["test"] == "paired" and contrast["effect"] == pytest.approx(-2.4630493191)
    # By the seeds alone p was 0.131; it counts the test pictures too since.
    assert contrast["absolute"] == pytest.approx(
        {"value": -0.05, "low": -0.1558850395, "high": 0.0558850395, "p": 0.1563382506, "p_holm": 0.1563382506,
         "level": 0.95, "inside": None})
    entries = document("study", "status", "erasing")["entries"]
    assert [(entry["run"], entry["metrics"]["top1"]) for entry in entries] == [
        (run.id, run.test_accuracy) for run in map(store.runs.get, (6, 8, 7, 9))]
    document("study", "report", "erasing", "--format", "md", "--output", str(tmp_path / "erasing.md"))
    report = (tmp_path / "erasing.md").read_text()
    assert "91.94 ± 0.39 (2)" in report and "85.24 ± 2.99 (2)" in report


@pytest.mark.usefixtures("store")
def test_imported_results_are_printed_as_they_were(document: Document) -> None:
    (made,) = document("study", "table", "published")
    assert [[cell["value"] for cell in row["cells"]] for row in made["rows"]] == [
        [pytest.approx(0.7045), pytest.approx(0.701)], [pytest.approx(0.712), pytest.approx(0.709)]]


def test_who_waited_is_started_and_who_was_paused_can_be(store: Store) -> None:
    store.runs.requeue(store.runs.find("paused").id)
    claimed = [store.runs.claim([slot]) for slot in ("cpu:0", "cpu:1", "cpu:2")]
    assert [run and (run.name, run.attempt) for run in claimed] == [("queued", 1), ("paused", 2), None]


def test_the_stopped_run_ends_as_it_would_have_ended(store: Store) -> None:
    before = store.metrics.curve(RUNS["halfway"][0], "loss")
    run = resumed(store, "halfway")
    assert (run.status, run.error, run.attempt, run.epoch, run.step) == ("finished", None, 2, 3, 75)
    steps, losses = store.metrics.curve(run.id, "loss")
    assert steps.tolist() == list(range(1, 76)) and np.array_equal(losses[:len(before[1])], before[1])
    # Another processor's last bits lead to other weights, though only the classifier of these learns.
    assert (run.best_val_accuracy, run.test_accuracy) == pytest.approx((0.8403, 0.8611), abs=0.03)
    assert (run.train_loss, run.last_val_loss, run.test_loss) == pytest.approx((1.8255, 0.5479, 0.4522), rel=0.05)
    assert [(found.checkpoint, found.split) for found in store.evaluations.of(run.id)] == [
        ("best", "val"), ("best", "test")]


@pytest.mark.slow
def test_the_finished_run_trains_on(store: Store) -> None:
    before = store.metrics.curve(RUNS["digits"][0], "loss")
    run = resumed(store, "digits", epochs=3)
    assert (run.status, run.error, run.attempt, run.epoch, run.step) == ("finished", None, 2, 3, 486)
    assert run.config_hash == "03c838921a5d7302"
    steps, losses = store.metrics.curve(run.id, "loss")
    assert steps.tolist() == list(range(1, 487)) and np.array_equal(losses[:len(before[1])], before[1])
    # Of so high a rate only the first steps are alike on every processor.
    assert losses[324:344].mean() == pytest.approx(0.6190, rel=0.05)
    kept = sorted(path.name for path in (run.folder / "checkpoints").glob("epoch-*"))
    assert kept == ["epoch-0001", "epoch-0002", "epoch-0003"]


@pytest.mark.usefixtures("store")
def test_the_checkpoint_of_an_epoch_is_evaluated(document: Document) -> None:
    (found,) = document("evaluate", "digits", "--checkpoint", "1", "--split", "test", "--scales", "40")
    assert (found["checkpoint"], found["epoch"], found["scales"], found["pictures"]) == ("epoch-0001", 1, [40], 360)
    assert found["metrics"]["top1"] == pytest.approx(0.3861, abs=0.03)
    assert found["metrics"]["loss"] == pytest.approx(1.9979, rel=0.02)


def test_every_stored_prediction_is_found_in_the_moved_home(store: Store, home: Path) -> None:
    stored = [found for run in store.runs.list() for found in store.evaluations.of(run.id) if found.sha256]
    assert len(stored) == 19
    for found in stored:
        assert found.predictions.is_relative_to(home)
        assert hashlib.sha256(found.predictions.read_bytes()).hexdigest() == found.sha256


def test_results_come_from_stored_predictions_and_no_model_is_asked(store: Store, document: Document) -> None:
    run = store.runs.find("digits")
    files = {path: path.stat().st_mtime_ns for path in run.folder.glob("predictions-*")}
    (found,) = document("evaluate", "digits", "--split", "test")
    assert found["metrics"]["loss"] == pytest.approx(0.4861053737) and found["metrics"]["top1"] == run.test_accuracy
    assert found["temperature"]["value"] == pytest.approx(0.8203, abs=1e-3)
    assert found["per_class"][1]["f1"] == pytest.approx(0.7047619048)
    assert {path: path.stat().st_mtime_ns for path in run.folder.glob("predictions-*")} == files


def test_boxes_are_read_without_the_weights_that_said_them(store: Store) -> None:
    results = load_detection_results(store, store.runs.find("boxes"))
    assert len(results.predictions.ids) == 80 and results.evaluation.metrics["map"] == pytest.approx(0.0024010215)
    found = results.suppressed(0.5).at(0.3, 0.5).totals
    assert (found.objects, found.boxes) == (165, 257) and found.f1 == pytest.approx(0.0331753555)


@pytest.mark.usefixtures("store")
def test_an_ensemble_gains_what_it_gained(document: Document) -> None:
    found = document("ensemble", "erasing_default_s0", "erasing_strong_s0")
    assert found["metrics"]["top1"] == pytest.approx(0.8916666667)
    assert found["metrics"]["loss"] == pytest.approx(0.3563946198)
    assert found["gain"]["value"] == pytest.approx(-0.025)


def resumed(store: Store, name: str, epochs: int | None = None) -> Run:
    """The run after another attempt, in this process."""
    run = store.runs.find(name)
    store.runs.requeue(run.id, epochs)
    store.runs.transition(run.id, "starting", expected=("queued",))
    train_run(run.id)
    return store.runs.get(run.id)


def is_within(pinned: Any, found: Any) -> bool:
    """Whether all that is pinned is there; there may be more keys."""
    if isinstance(pinned, dict):
        return isinstance(found, dict) and all(key in found and is_within(value, found[key])
                                               for key, value in pinned.items())
    if isinstance(pinned, list):
        return isinstance(found, list) and len(pinned) == len(found) and all(map(is_within, pinned, found))
    return bool(pinned == found)
