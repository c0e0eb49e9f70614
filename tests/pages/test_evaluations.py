"""The results page with several evaluations of a run: choosing one, asking for more, and how sure they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.results import evaluation
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import save_predictions
from engine.launch.jobs import RunningJob
from engine.store import Conditions, Run, Store
from tests.app_tests import address_of, assert_calm, open_page, shown
from tests.fake_runs import add_run


def add_evaluation(store: Store, run: Run, conditions: Conditions, wrong: int, weights: str = "epoch-0002",
                   classes: int = 10) -> None:
    """Of 100 pictures so many are taken for the next class, all as sure as 0.9 at least."""
    targets = np.arange(100) % classes
    logits = np.full((100, classes), -2.0, np.float32)
    logits[np.arange(100), np.where(np.arange(100) < wrong, (targets + 1) % classes, targets)] = 3 + np.arange(100) / 50
    predictions = Predictions(np.arange(100), targets, logits)
    path = run.folder / f"{conditions.checkpoint}-{conditions.split}-{conditions.tta}.npz"
    store.evaluations.put(run.id, conditions, summary(predictions), path, save_predictions(path, predictions),
                          weights=weights, asked=conditions.tta == "none")


def keep_checkpoints(run: Run, epochs: int) -> None:
    folder = run.folder / "checkpoints"
    for epoch in range(1, epochs + 1):
        (folder / f"epoch-{epoch:04d}").mkdir(parents=True)
    (folder / "index.json").write_text(json.dumps({"last": f"epoch-{epochs:04d}", "best": "epoch-0002"}))


@pytest.fixture
def run(store: Store) -> Run:
    """Tested and validated after three epochs, the second of which was the best, and once with mirror images."""
    run = add_run(store, epochs=3)
    for split, wrong in (("test", (60, 20, 30)), ("val", (50, 10, 40))):
        for epoch, count in enumerate(wrong, start=1):
            add_evaluation(store, run, Conditions(f"epoch-{epoch:04d}", split), count, f"epoch-{epoch:04d}")
        add_evaluation(store, run, Conditions("best", split), wrong[1])
        add_evaluation(store, run, Conditions("last", split), wrong[2], "epoch-0003")
    add_evaluation(store, run, Conditions("best", "test", tta="flip"), 15)
    return store.runs.get(run.id)


def top1(page: AppTest) -> str:
    assert_calm(page)
    return str(page.metric[0].value)


def test_the_slider_goes_over_the_epochs_and_begins_at_the_best(run: Run) -> None:
    page = open_page("results", run=str(run.id))
    slider = page.select_slider(key=f"epoch_{run.id}")
    assert (slider.value, list(slider.options)) == (2, ["epoch 1", "epoch 2 · best", "epoch 3 · last"])
    assert top1(page) == "80.00 %"
    assert top1(slider.set_value(1).run()) == "40.00 %"
    assert "epoch 1" in shown(page) and "Over epochs" in shown(page)


def test_pictures_and_ways_of_looking_are_chosen(run: Run) -> None:
    page = open_page("results", run=str(run.id))
    assert top1(page.selectbox(key=f"augmented_{run.id}").set_value("with mirror images").run()) == "85.00 %"
    page = page.selectbox(key=f"pictures_{run.id}").set_value("Validation").run()
    assert top1(page) == "90.00 %"
    assert page.toggle(key=f"scaled_{run.id}").disabled


def test_what_is_chosen_stands_in_the_address(run: Run) -> None:
    page = open_page("results", run=str(run.id))
    page.toggle(key=f"scaled_{run.id}").set_value(True)
    page.segmented_control(key=f"bins_{run.id}").set_value("equal mass")
    page.selectbox(key=f"slices_{run.id}").set_value("loss")
    page.select_slider(key=f"epoch_{run.id}").set_value(1).run()
    assert_calm(page)
    carried = address_of(page)
    assert carried == {"run": str(run.id), "epoch": "1", "scaled": "yes", "bins": "equal mass", "metric": "loss"}
    assert top1(open_page("results", **carried)) == "40.00 %"
    page.selectbox(key=f"pictures_{run.id}").set_value("Validation").run()
    assert address_of(page)["pictures"] == "Validation"
    assert top1(open_page("results", **{**carried, "epoch": "99"})) == "80.00 %"


def test_a_chosen_point_of_the_curve_is_shown(run: Run) -> None:
    page = open_page("results", {f"asked_epoch_{run.id}": 3}, run=str(run.id))
    assert top1(page) == "70.00 %"


def test_temperature_scaling_changes_how_sure_not_what(run: Run) -> None:
    page = open_page("results", run=str(run.id))
    before = {metric.label: metric.value for metric in page.metric}
    page.toggle(key=f"scaled_{run.id}").set_value(True).run()
    assert_calm(page)
    after = {metric.label: metric.value for metric in page.metric}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"Loss", "ECE", "ECE mass", "ECE classes"}
    loss = next(metric for metric in page.metric if metric.label == "Loss")
    assert loss.delta == f"before {before['Loss']}"
    assert "fitted on validation" in shown(page)


def test_errors_stand_under_their_figures(run: Run) -> None:
    page = open_page("results", run=str(run.id))
    assert [(metric.label, metric.delta) for metric in page.metric[:2]] == [
        ("Top-1", "error 20.00 %"), ("Top-5", f"error {100 - float(page.metric[1].value.split()[0]):.2f} %")]


def test_five_classes_have_no_top5_and_the_page_says_why(store: Store) -> None:
    run = add_run(store)
    store.runs.update(run.id, resolved={"class_names": list("abcde")})
    add_evaluation(store, run, Conditions(), 10, classes=5)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert page.metric[1].value == "–"
    assert "Top-5 is not shown: with 5 classes" in shown(page)


def test_the_panel_starts_a_job_for_what_is_not_stored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_checkpoints(run, 3)
    asked: list[tuple[str, dict[str, Any], int | None]] = []
    monkeypatch.setattr(evaluation, "start_job", lambda name, request, run: asked.append((name, request, run)))
    monkeypatch.setattr(evaluation, "running_jobs", lambda name, run: [RunningJob(name, run, 0.0)] * bool(asked))
    page = open_page("results", run=str(run.id))
    assert page.button(key="evaluate_start").disabled and "stored already" in shown(page)
    page.text_input(key=f"evaluate_scales_{run.id}").set_value("36+40").run()
    page.segmented_control(key=f"evaluate_checkpoint_{run.id}").set_value("all").run()
    assert "10 evaluations: 5 checkpoints on test set and validation" in shown(page)
    page.button(key="evaluate_start").click().run()
    assert_calm(page)
    assert [(name, job["checkpoint"], job["tta"], job["scales"], of) for name, job, of in asked] == [
        ("evaluate", "all", "none", "36+40", run.id)]
    assert page.get("progress")[0].proto.text == "Evaluating: 0 of 10 done"
    page.text_input(key=f"evaluate_scales_{run.id}").set_value("big").run()
    assert "Scales: 'big' is not" in shown(page) and page.button(key="evaluate_start").disabled
    assert "stored already" not in shown(page), "the panel contradicts itself"


def test_an_evaluation_is_cancelled(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_checkpoints(run, 3)
    working = [RunningJob("evaluate", run.id, 0.0)]
    monkeypatch.setattr(evaluation, "running_jobs", lambda name, run: list(working))
    monkeypatch.setattr(evaluation, "cancel_jobs", lambda name, run: working.clear())
    state = {f"evaluating_{run.id}": ([Conditions(tta="flip", split="val")], 1.0)}
    page = open_page("results", state, run=str(run.id))
    page.button(key="evaluate_cancel").click().run()
    assert_calm(page)
    assert not working and not page.get("progress")


def test_mirror_images_are_not_offered_where_they_change_the_class(run: Run) -> None:
    keep_checkpoints(run, 3)
    assert open_page("results", run=str(run.id)).toggle(key=f"evaluate_flip_{run.id}").disabled


def test_a_stopped_run_can_be_evaluated(store: Store, home: Path) -> None:
    run = add_run(store, "stopped")
    keep_checkpoints(run, 2)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert "Not evaluated yet" in shown(page) and not page.button(key="evaluate_start").disabled


def test_why_a_job_failed_is_told(run: Run, store: Store) -> None:
    keep_checkpoints(run, 3)
    state = {f"evaluating_{run.id}": ([Conditions(tta="flip", split="val")], 1.0)}
    store.events.add(run.id, "job", "the files of Digits changed")
    page = open_page("results", state, run=str(run.id))
    assert "The files of Digits changed." in shown(page)
