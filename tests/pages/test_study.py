"""The study page: declared, launched, watched; and every mistake in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from engine.store import Store
from engine.study.configs import cell_config
from engine.study.document import dump_study, study_of
from engine.study.study import Study
from engine.study.versions import Studies
from tests.app_tests import assert_calm, mistakes, open_page, shown

DECLARED: dict[str, Any] = {
    "name": "mixing", "question": "Does mixing help?",
    "factors": {"augmentation": ["default", "weak"], "lr": [0.1, 0.01]},
    "settings": {"dataset": "Digits", "epochs": 2}, "seeds": [0, 1],
    "hypotheses": [{"name": "H1", "claim": "It helps", "kind": "difference",
                    "between": {"augmentation": ["weak", "default"]}}]}


@pytest.fixture
def study(store: Store) -> Study:
    made = study_of(DECLARED)
    Studies(store).save(made)
    return made


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured in processes: what models need is not known."""
    memory = {"training": 100 << 20, "evaluation": 50 << 20, "process": 400 << 20, "weights": 1 << 20,
              "optimizer": 2 << 20, "source": "followed tensor by tensor"}
    monkeypatch.setattr("engine.study.plan.describe", lambda config: {"parameters": 152_970, "macs": 2_440_000,
                                                                  "input_size": 32, "error": None})
    monkeypatch.setattr("engine.study.plan.memories", lambda configs: [memory] * len(configs))


def _declare(study: Study, **state: Any) -> AppTest:
    return open_page("study", {"view": "Declare", **state}, study=study.name)


def _key(page: AppTest, ending: str) -> str:
    """The key of the one widget whose key ends so."""
    kinds = ("text_input", "text_area", "selectbox", "multiselect", "button", "number_input")
    keys = [str(widget.key) for kind in kinds for widget in page.get(kind) if str(widget.key).endswith(ending)]
    assert len(keys) == 1, keys
    return keys[0]


def test_without_a_study_the_ways_to_one_are_shown(store: Store) -> None:
    page = open_page("study")
    assert_calm(page)
    assert "before" in shown(page)
    assert page.button(key="study_blank")


def test_a_blank_study_is_sound_and_can_be_launched(store: Store) -> None:
    page = open_page("study")
    page.button(key="study_blank").click().run()
    assert [study.name for study in Studies(store).list()] == ["my-study"]
    made = Studies(store).get("my-study")
    page = _declare(made)
    assert_calm(page)
    assert page.button(key="study_launch").label == f"Launch {len(made.cells) * len(made.seeds)} runs"


def test_a_declaration_is_shown_with_what_it_would_take(study: Study) -> None:
    page = _declare(study)
    assert_calm(page)
    text = shown(page)
    assert "Does mixing help?" in text
    assert "<dt>Cells</dt><dd>4<small>2 × 2</small></dd>" in text
    assert "<dt>Runs</dt><dd>8</dd>" in text
    assert page.button(key="study_launch").label == "Launch 8 runs"
    assert "Not saved" not in text


def test_a_study_with_tiny_rates_is_not_edited_by_being_opened(store: Store) -> None:
    made = study_of(DECLARED | {"factors": {"lr": [0.02, 1e-7]}, "hypotheses": []})
    Studies(store).save(made)
    page = _declare(made)
    assert_calm(page)
    assert page.text_input(key=_key(page, "_levels_lr")).value == "0.02, 1e-07"
    assert "Not saved" not in shown(page)


def test_launching_queues_every_run_once(study: Study, store: Store) -> None:
    _declare(study).button(key="study_launch").click().run()
    runs = store.runs.list()
    assert {run.config_hash for run in runs} == {cell_config(study, cell, seed).hash()
                                                 for cell in study.cells for seed in study.seeds}
    assert len(runs) == 8
    page = open_page("study", {"view": "Matrix"}, study=study.name)
    assert_calm(page)
    assert "8 queued" in shown(page)


def test_an_edited_study_is_not_saved_until_asked_and_can_be_discarded(study: Study, store: Store) -> None:
    page = _declare(study)
    page.text_input(key=_key(page, "_seeds")).set_value("0, 1, 2").run()
    assert "Not saved" in shown(page)
    assert page.button(key="study_launch").label == "Launch 12 runs"
    assert Studies(store).get(study.name).seeds == (0, 1)
    page.button(key="study_discard").click().run()
    assert "Not saved" not in shown(page)
    assert page.text_input(key=_key(page, "_seeds")).value == "0, 1"
    page.text_input(key=_key(page, "_seeds")).set_value("5").run()
    page.button(key="study_save").click().run()
    assert_calm(page)
    assert Studies(store).get(study.name).seeds == (5,)
    assert "Not saved" not in shown(page)


def test_factors_come_and_go(study: Study) -> None:
    page = _declare(study)
    page.button(key=_key(page, "_more_factors")).click().run()
    assert_calm(page)
    assert "2 × 2 × 2" in shown(page)
    page.button(key=_key(page, "_2_gone")).click().run()
    assert "<small>2 × 2</small>" in shown(page)
    page.multiselect(key=_key(page, "_levels_augmentation")).set_value(["default", "weak", "strong"]).run()
    assert "<small>3 × 2</small>" in shown(page)


def test_a_hypothesis_changes_its_kind(study: Study, store: Store) -> None:
    page = _declare(study)
    for kind in ("interaction", "trend", "ordering", "best", "difference"):
        page.selectbox(key=_key(page, "_kind")).set_value(kind).run()
        assert not page.exception
    page.selectbox(key=_key(page, "_kind")).set_value("interaction").run()
    page.button(key="study_save").click().run()
    assert_calm(page)
    saved, = Studies(store).get(study.name).hypotheses
    assert (saved.kind, saved.claim) == ("interaction", "It helps")
    assert saved.change == ({"lr": ("0.01", "0.1")},)


@pytest.mark.parametrize(("change", "told"), [
    ({"factors": {"augmentatoin": ["default", "weak"]}}, "augmentation"),
    ({"factors": {"lr": [0.1, "fast"]}}, "fast"),
    ({"factors": {"lr": []}}, "lr"),
    ({"factors": {}}, "factors"),
    ({"seeds": []}, "seeds"),
    ({"seeds": [0, 0]}, "twice"),
    ({"metric": "top2"}, "top2"),
    ({"hypotheses": [{"name": "H1", "kind": "difference", "between": {"lr": [0.1, 0.5]}}]}, "0.5"),
    ({"hypotheses": [{"name": "H1", "kind": "differnce", "between": {"lr": [0.1, 0.01]}}]}, "differnce"),
    ({"leave_out": [{"lr": [0.1, 0.01]}]}, "no cell"),
    ({"colour": "red"}, "colour"),
])
def test_a_mistake_in_the_yaml_is_one_line_and_launches_nothing(study: Study, store: Store, change: dict[str, Any],
                                                                told: str) -> None:

    page = _declare(study, study_as="YAML")
    page.text_area(key=_key(page, "_yaml")).set_value(yaml.safe_dump(DECLARED | change)).run()
    assert_calm(page)
    found = mistakes(page)
    assert len(found) == 1
    assert told in found[0].replace("\\", "").replace("\u2060", "")
    assert not [button for button in page.button if button.key == "study_launch"]
    assert page.button(key="study_save").disabled
    assert Studies(store).get(study.name) == study
    page.segmented_control(key="study_as").set_value("Form").run()
    assert_calm(page)


@pytest.mark.parametrize("text", ["", "- a", "a: [", "name: mixing", "\x00", "{" * 200])
def test_a_text_that_is_no_study_is_kept_and_told(study: Study, text: str) -> None:
    page = _declare(study, study_as="YAML")
    page.text_area(key=_key(page, "_yaml")).set_value(text).run()
    assert_calm(page)
    assert page.text_area(key=_key(page, "_yaml")).value == text
    assert "Not saved" in shown(page)


def test_yaml_and_form_are_one_declaration(study: Study) -> None:
    page = _declare(study, study_as="YAML")
    page.text_area(key=_key(page, "_yaml")).set_value(dump_study(study).replace("Does mixing", "Can mixing")).run()
    page.segmented_control(key="study_as").set_value("Form").run()
    assert_calm(page)
    assert page.text_area(key=_key(page, "_question")).value == "Can mixing help?"


def test_a_study_that_is_gone_is_told_and_another_shown(study: Study) -> None:
    page = open_page("study", study="gone")
    assert_calm(page)
    assert "There is no study gone" in shown(page)
    assert page.selectbox(key="study").value == study.name


def test_a_study_is_copied_under_a_free_name(study: Study, store: Store) -> None:
    page = _declare(study)
    page.text_input(key="study_copy_mixing").set_value("mixing").run()
    page.button(key="study_copy").click().run()
    assert "is taken" in page.error[0].value
    page.text_input(key="study_copy_mixing").set_value("other").run()
    page.button(key="study_copy").click().run()
    assert {one.name for one in Studies(store).list()} == {"mixing", "other"}


def test_a_paused_study_can_be_resumed_and_failed_runs_retried(study: Study, store: Store) -> None:
    for cell, status in zip(study.cells, ("paused", "failed", "finished", "queued"), strict=True):
        store.runs.create(cell_config(study, cell, 0), status=status, environment={}, git_commit=None, git_dirty=False)
    page = open_page("study", {"view": "Matrix"}, study=study.name)
    assert_calm(page)
    labels = {str(button.key): button.label for button in page.button}
    assert labels["study_launch"] == "Launch 4 runs"
    assert labels["study_retry"] == "Retry 1 run"
    assert {"study_resume", "study_pause"} <= labels.keys()
    page.button(key="study_pause").click().run()
    assert [run.status.value for run in store.runs.list()].count("paused") == 2


def test_tables_are_drawn_and_arranged(study: Study) -> None:
    page = open_page("study", {"view": "Tables"}, study=study.name)
    assert_calm(page)
    assert '<table class="results">' in shown(page)
    key = f"study_pivot_{study.name}"
    page.multiselect(key=f"{key}_rows").set_value([]).run()
    assert_calm(page)
    page.multiselect(key=f"{key}_rows").set_value(["augmentation", "lr"]).run()
    assert_calm(page)


def test_results_from_elsewhere_are_shown_and_not_launched(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "printed.csv"
    file.write_text("model,pretrained,top1\nresnet50,no,45.88\nresnet50,yes,63.67\n")
    page = open_page("study")
    page.text_input(key="study_import__path").set_value(str(file)).run()
    page.button(key="study_import__go").click().run()
    page = open_page("study", {"view": "Matrix"}, study="printed")
    assert_calm(page)
    assert "2 done" in shown(page)
    assert not [button for button in page.button if button.key == "study_launch"]
    page = open_page("study", {"view": "Declare"}, study="printed")
    assert_calm(page)
    assert "nothing to launch" in shown(page)
    page.button(key=_key(page, "_more_claims")).click().run()
    page.button(key="study_save").click().run()
    assert_calm(page)
    assert len(Studies(store).get("printed").hypotheses) == 1


def test_a_file_that_cannot_be_imported_is_one_line(store: Store, tmp_path: Path) -> None:
    page = open_page("study")
    page.text_input(key="study_import__path").set_value(str(tmp_path / "none.csv")).run()
    page.button(key="study_import__go").click().run()
    assert not page.exception
    assert len(page.error) == 1
    assert Studies(store).list() == []
