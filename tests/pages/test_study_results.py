"""What came out, on the study page: findings, verdicts, checkpoints, tables; and studies with holes in them."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.study.matrix import as_table
from engine.analysis.reading import read_study
from engine.store import Store
from engine.study.configs import cell_config
from engine.study.document import study_of
from engine.study.matrix import State, matrix
from engine.study.study import Study
from engine.study.versions import Studies
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_detections import add_detection_run
from tests.fake_studies import add_tested, run_all

DECLARED: dict[str, Any] = {
    "name": "crops", "seeds": [0, 1, 2], "settings": {"dataset": "Digits", "epochs": 2},
    "factors": {"augmentation": ["default", "weak"]},
    "hypotheses": [{"name": "H1", "claim": "It helps", "kind": "difference",
                    "between": {"augmentation": ["weak", "default"]}}]}
DEFAULT, WEAK = ("default",), ("weak",)
VIEWS = ("Declare", "Matrix", "Verdicts", "Checkpoints", "Tables", "Report")
CHANCE = 324
"""Wrong pictures of 360, as many as by guessing."""


@pytest.fixture
def study(store: Store) -> Study:
    return _saved(store, {})


def _saved(store: Store, change: dict[str, Any]) -> Study:
    made = study_of(DECLARED | change)
    Studies(store).save(made)
    return made


def _open(study: Study, view: str) -> AppTest:
    page = open_page("study", {"view": view}, study=study.name)
    assert_calm(page)
    return page


def _texts(page: AppTest) -> str:
    """Without what keeps Markdown from reading signs as its own."""
    return shown(page).replace("\\", "").replace("\u2060", "")


def test_a_verdict_is_read_with_its_intervals_on_both_scales(study: Study, store: Store) -> None:
    run_all(store, study, {DEFAULT: (40, 44, 42), WEAK: (10, 12, 11)})
    text = _texts(_open(study, "Verdicts"))
    assert "1 supported" in text and 'dr-green dr-verdict">supported' in text
    assert "H1 is supported" in text
    estimate = read_study(store, study).judgements[0].parts[0].contrasts[0]
    assert estimate.absolute is not None and estimate.relative is not None
    assert f"+{100 * estimate.absolute.value:.2f}" in text and f"×{estimate.relative.value:.2f}" in text
    assert "Difference in Top-1, points" in text and "As a ratio" in text


def test_seeds_that_are_needed_can_be_added(store: Store) -> None:
    study = _saved(store, {"seeds": [4]})
    run_all(store, study, {DEFAULT: (40,), WEAK: (10,)})
    page = _open(study, "Verdicts")
    button = page.button(key="study_seeds_H1")
    assert button.label == "Add seeds 5 to 6: 4 runs"
    button.click().run()
    assert_calm(page)
    assert Studies(store).get(study.name).seeds == (4, 5, 6)
    assert sorted(run.config["seed"] for run in store.runs.list() if run.status.value == "queued") == [5, 5, 6, 6]


def test_seeds_that_are_still_to_run_are_not_asked_for_again(study: Study, store: Store) -> None:
    run_all(store, study, {DEFAULT: (40,), WEAK: (10,)})
    page = _open(study, "Verdicts")
    assert "1 of 3 planned seeds are in" in _texts(page)
    assert not [button for button in page.button if button.key == "study_seeds_H1"]
    assert page.button(key="study_launch").label == "Launch 4 runs"


def test_what_was_found_is_kept_out_until_it_is_acknowledged(study: Study, store: Store) -> None:
    *_, broken = run_all(store, study, {DEFAULT: (40, 44, 42), WEAK: (10, 12, CHANCE)})
    page = _open(study, "Matrix")
    assert "1 run excluded from verdicts" in _texts(page)
    rules = {finding.rule for finding in read_study(store, study).findings if finding.serious}
    for _ in rules:
        see = next(button for button in page.button if str(button.key).startswith("seen_"))
        note = str(see.key).replace("seen_", "note_")
        page.text_input(key=note).set_value("as it is").run()
        page.button(key=see.key).click().run()
        assert_calm(page)
    assert {each.finding for each in store.acknowledged.of([broken.id])} == rules
    assert "No run is excluded" in _texts(page) and "Acknowledged: as it is" in _texts(page)
    next(button for button in page.button if str(button.key).startswith("unsee_")).click().run()
    assert "1 run excluded" in _texts(page)


def test_why_a_run_failed_is_told_below_the_matrix_and_at_its_mark(study: Study, store: Store) -> None:
    run = add_tested(store, study, WEAK, 0, 12)
    store.runs.update(run.id, status="failed", error="the loss became nan in epoch 1: try lr below 1")
    assert "Failed: The loss became nan in epoch 1: try lr below 1." in _texts(_open(study, "Matrix"))
    boxes = as_table(matrix(store, study), [], "top1", [], set())["rows"][1]["boxes"]
    assert boxes[0]["marks"][0]["title"].endswith("the loss became nan in epoch 1: try lr below 1")


def test_cells_that_are_kept_out_lead_to_what_was_found_and_not_to_more_seeds(study: Study, store: Store) -> None:
    run_all(store, study, {DEFAULT: (40, 44, 42), WEAK: (CHANCE, CHANCE, CHANCE)})
    page = _open(study, "Verdicts")
    assert "excluded by serious findings" in _texts(page) and "no usable run" in _texts(page)
    assert not [button for button in page.button if button.key == "study_seeds_H1"]


def test_checkpoints_are_compared_apart_from_recipes(study: Study, store: Store) -> None:
    run_all(store, study, {DEFAULT: (40, 44), WEAK: (10, 12)})
    page = _open(study, "Checkpoints")
    assert "**Checkpoints**" in _texts(page) and "inconclusive" not in _texts(page)
    table = page.dataframe[0].value
    assert list(table["Seed"]) == [0, 1]
    assert list(table["Fixed"]) == [30, 32] and list(table["Broken"]) == [0, 0]
    assert list(table["Difference, points"]) == ["+8.33", "+8.89"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_study_that_never_ran_is_shown(study: Study, view: str) -> None:
    _open(study, view)


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_cell_is_no_mistake(study: Study, store: Store, view: str) -> None:
    run_all(store, study, {DEFAULT: (40, 44, 42)})
    text = _texts(_open(study, view))
    if view == "Verdicts":
        assert "withheld" in text and "0 of 3 planned seeds are in" in text


@pytest.mark.parametrize("view", VIEWS)
def test_unequal_seeds_are_compared_and_told(study: Study, store: Store, view: str) -> None:
    add_tested(store, study, DEFAULT, 0, 40)
    for seed, wrong in enumerate((10, 12, 11)):
        add_tested(store, study, WEAK, seed, wrong)
    text = _texts(_open(study, view))
    if view == "Verdicts":
        assert "withheld" in text and "1 of 3 planned seeds are in" in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_failed_run_counts_for_nothing_and_can_be_retried(study: Study, store: Store, view: str) -> None:
    run_all(store, study, {DEFAULT: (40, 44, 42), WEAK: (10, 12)})
    store.runs.create(cell_config(study, WEAK, 2), status="failed", environment={}, git_commit=None, git_dirty=False)
    page = _open(study, view)
    assert read_study(store, study).matrix.counts[State.FAILED] == 1
    if view in ("Matrix", "Verdicts", "Tables", "Checkpoints"):
        assert "1 failed" in _texts(page) and page.button(key="study_retry").label == "Retry 1 run"
    if view == "Checkpoints":
        assert list(page.dataframe[0].value["Seed"]) == [0, 1]


@pytest.mark.parametrize(("change", "told"), [
    ({"hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["strong", "default"]}}]},
     "strong"),
    ({"hypotheses": [{"name": "H1", "kind": "difference", "between": {"model": ["a", "b"]}}]}, "model"),
    ({"tables": [{"rows": ["colour"]}]}, "colour"),
])
@pytest.mark.parametrize("view", ["Matrix", "Verdicts", "Tables", "Checkpoints"])
def test_a_contrast_over_cells_that_are_not_there_is_one_line(store: Store, change: dict[str, Any], told: str,
                                                              view: str) -> None:
    study = _saved(store, change)
    page = open_page("study", {"view": view}, study=study.name)
    assert not page.exception
    assert len(page.error) == 1
    assert told in str(page.error[0].value) and "went wrong" not in str(page.error[0].value)


@pytest.mark.usefixtures("scenes")
def test_a_study_of_detectors_is_shown_by_its_own_figures_alone(store: Store) -> None:
    study = study_of({
        "name": "boxes", "seeds": [0, 1, 2], "metric": "map", "settings": {"dataset": "Scenes", "epochs": 2},
        "factors": {"mode": {"head": {"fine_tune": "head"}, "full": {"fine_tune": "all"}}},
        "hypotheses": [{"name": "H1", "kind": "difference", "between": {"mode": ["full", "head"]}}],
        "tables": [{"rows": ["mode"], "metrics": ["map", "map50", "map75"]}]})
    Studies(store).save(study)
    runs = [add_detection_run(store, fine_tune=mode, seed=seed) for mode, seed in product(("head", "all"), study.seeds)]
    (row,) = as_table(matrix(store, study), [], "map", ["mode"], ())["rows"]
    opened = [mark["open"] for box in row["boxes"] for mark in box["marks"]]
    assert opened == [{"page": "results", "runs": [run.id]} for run in runs]
    texts = {view: _texts(_open(study, view)) for view in VIEWS}
    assert "mAP" in texts["Matrix"] and "Difference in mAP, points" in texts["Verdicts"]
    assert all(title in texts["Tables"] for title in ("mAP", "mAP@50", "mAP@75"))
    for view in ("Matrix", "Verdicts", "Checkpoints", "Tables", "Report"):
        assert not re.search(r"\baccuracy\b|McNemar|Top-1", texts[view]), view
