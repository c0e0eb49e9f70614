"""The launch page: every option has a field, mistakes stay beside it, a grid says how many runs it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app.launch.panel
from app.form.draft import key
from app.form.fields import text_of
from app.launch.start import FIRST
from engine.config import RunConfig, parse_config, proposed_name
from engine.data import facts, loading
from engine.store import Store
from tests.app_tests import assert_calm, mistakes, open_page, shown
from tests.engine.data import sources
from tests.fake_runs import add_run


def _button(page: AppTest) -> str:
    return str(page.button(key="launch_button").label)


def test_opens_with_the_defaults_ready_to_launch(store: Store) -> None:
    page = open_page("launch")
    assert_calm(page)
    assert _button(page) == "Launch"
    assert not page.button(key="launch_button").disabled
    text = shown(page)
    assert "153 k" in text
    assert "nothing comparable has run here yet" in text
    assert "python -m engine train --detach" in text
    assert page.text_input(key=key("name")).placeholder == proposed_name(RunConfig())


@pytest.mark.parametrize("page", ["launch", "fit"])
def test_how_far_a_new_data_set_is_read_is_told_on_the_page(
        page: str, store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, read = [], facts.read_confined
    monkeypatch.setattr(facts, "read_confined", lambda *request: told.append(loading._told.get()) or read(*request))
    pets = sources.class_folder(home / "pets")
    opened = open_page(page, {} if page == "launch" else {key("dataset"): "folder", key("data_path"): str(pets)},
                       dataset="folder", data_path=str(pets))
    assert_calm(opened)
    assert told and told[0][0].__module__ == "app.kit.reading"


def test_every_option_has_a_field(store: Store) -> None:
    choices = {"schedule": "cosine, plateau", "optimizer": "SGD, AdamW", "mixing": "mixup, cutmix",
               "augmentation": "vgg, imagenet", "loss_function": "focal", "folds": "0, 3",
               "fine_tune": "all, split", "weights": "file",
               "dataset": "Digits, voc, DigitGroups", "model": "tinyvgg_a, retinanet_resnet50_fpn", "teacher": "0, 7",
               "train_fraction": "0.5", "early_stopping": "3"}
    page = open_page("launch", {key(field): text for field, text in choices.items()} | {"launch_everything": True})
    keys = {widget.key for kind in ("selectbox", "text_input") for widget in page.get(kind)}
    assert {key(field) for field in RunConfig.model_fields} <= keys


def test_options_without_effect_are_not_shown(store: Store) -> None:
    page = open_page("launch")
    page.toggle(key="launch_everything").set_value(True)
    page.selectbox(key=key("schedule")).set_value("constant")
    page.selectbox(key=key("optimizer")).set_value("SGD").run()
    shown_keys = {widget.key for widget in page.text_input}
    assert key("momentum") in shown_keys
    assert key("plateau_patience") not in shown_keys


@pytest.mark.parametrize(("field", "text", "message"), [
    ("lr", "0", "'0' is out of bounds: it must be greater than 0"),
    ("lr", "nan", "finite"),
    ("epochs", "many", "'many' is not a whole number"),
    ("batch_size", "", "xpected a whole number, but it is empty"),
    ("name", "a/b", "no slash"),
    ("name", "x" * 300, "1 to 120 characters"),
])
def test_a_mistake_is_one_line_and_nothing_can_be_launched(store: Store, field: str, text: str, message: str) -> None:
    page = open_page("launch")
    page.text_input(key=key(field)).set_value(text).run()
    assert not page.exception
    assert len(mistakes(page)) == 2 and all(message in line and "\n" not in line for line in mistakes(page))
    assert page.button(key="launch_button").disabled
    assert page.text_input(key=key(field)).value == text


def test_a_mistake_is_said_at_its_field_and_by_its_label_beside_the_button(store: Store) -> None:
    page = open_page("launch", state={key("lr"): "fast"})
    assert mistakes(page) == [f":red[:material/error: {said}'fast' is not a number.]" for said in (
        "Learning rate: ", "")]


@pytest.mark.parametrize(("field", "text", "command"), [
    ("lr", "fast", "train --batch-size 32 --detach"), ("lr", "0.1, fast, 0.01", "--lr 0.1"),
    ("epochs", "", "train --batch-size 32 --detach"),
    ("optimizer", "SGD, Sgdd", "--optimizer SGD"),
])
def test_a_mistake_leaves_costs_and_command_of_the_rest(store: Store, field: str, text: str, command: str) -> None:
    page = open_page("launch", state={key(field): text, key("batch_size"): "32"})
    assert_calm(page)
    assert page.button(key="launch_button").disabled
    assert "Parameters" in shown(page) and "without the mistake" in shown(page)
    assert command in shown(page) and "--batch-size 32" in shown(page)


def test_what_was_typed_stands_in_the_address_and_fills_the_form_again(store: Store) -> None:
    page = open_page("launch")
    page.text_input(key=key("lr")).set_value("0.1, 0.01").run()
    page.selectbox(key=key("dataset")).set_value("Scenes").run()
    page.toggle(key="launch_everything").set_value(True).run()
    address = dict(page.query_params)
    assert address == {"lr": "0.1, 0.01", "dataset": "Scenes", "all": "yes"}
    again = open_page("launch", **address)
    assert_calm(again)
    assert _button(again) == "Launch 2 runs"
    assert again.text_input(key=key("lr")).value == "0.1, 0.01"
    assert again.selectbox(key=key("model")).value == page.selectbox(key=key("model")).value
    assert again.toggle(key="launch_everything").value


def test_an_address_says_more_than_the_data_set_starts_with(store: Store) -> None:
    page = open_page("launch", dataset="Scenes", batch_size="2", model="retinanet_resnet50_fpn")
    assert page.text_input(key=key("batch_size")).value == "2"
    assert page.selectbox(key=key("model")).value == "retinanet_resnet50_fpn"


def test_an_unknown_model_names_the_nearest(store: Store) -> None:
    page = open_page("launch", state={key("model"): "resnet81"})
    assert "resnet18" in shown(page)
    assert page.button(key="launch_button").disabled


def test_a_mistake_in_an_advanced_field_is_shown_though_hidden_before(store: Store) -> None:
    page = open_page("launch")
    page.toggle(key="launch_everything").set_value(True).run()
    page.text_input(key=key("val_fraction")).set_value("2").run()
    page.toggle(key="launch_everything").set_value(False).run()
    assert "less than 1" in shown(page)
    assert page.text_input(key=key("val_fraction")).value == "2"


def test_comma_lists_make_a_grid_and_the_button_counts_it(store: Store) -> None:
    page = open_page("launch")
    page.text_input(key=key("lr")).set_value("0.1, 0.01")
    page.text_input(key=key("seed")).set_value("0,1").run()
    assert _button(page) == "Launch 4 runs"
    page.button(key="launch_button").click().run()
    assert_calm(page)
    assert sorted((run.config["lr"], run.config["seed"]) for run in store.runs.list()) == [
        (0.01, 0), (0.01, 1), (0.1, 0), (0.1, 1)]


def test_more_than_200_runs_are_told_and_launched_only_once_confirmed(store: Store) -> None:
    page = open_page("launch")
    for seeds in (201, 5, 201):  # what was confirmed once is asked again after a smaller grid
        page.text_input(key=key("seed")).set_value(",".join(map(str, range(seeds)))).run()
        assert page.button(key="launch_button").disabled is (seeds > 200)
        if seeds > 200:
            assert "make 201 runs: more than 200 must be confirmed" in shown(page)
            page.button(key="launch_confirm").click().run()
            assert_calm(page)
            assert _button(page) == "Launch 201 runs" and not page.button(key="launch_button").disabled
    page.text_input(key=key("seed")).set_value(",".join(map(str, range(10_001)))).run()
    assert "shorten them to 10,000 or fewer" in shown(page)
    assert page.button(key="launch_button").disabled and "launch_confirm" not in [button.key for button in page.button]


def test_launch_leads_to_the_live_page_with_the_run_chosen(store: Store) -> None:
    page = open_page("launch")
    page.button(key="launch_button").click().run()
    assert_calm(page)
    assert page.title[0].value == "Live"
    assert page.multiselect(key="live_runs").value == [store.runs.list()[0].id]


def test_changed_fields_are_reset(store: Store) -> None:
    page = open_page("launch")
    page.text_input(key=key("lr")).set_value("0.5").run()
    assert page.text_input(key=key("lr")).label == "Learning rate", "a screen reader tells the label as it is"
    assert "--lr 0.5" in shown(page)
    next(button for button in page.button if button.label == "Reset").click().run()
    assert page.text_input(key=key("lr")).value == text_of(RunConfig().lr)


def test_clone_fills_the_form_with_every_option_of_the_run(store: Store) -> None:
    run = add_run(store, "stopped", optimizer="AdamW", lr=0.00123456789, tags="a, b", weight_decay=0.05, notes="why")
    page = open_page("launch", clone=str(run.id))
    assert_calm(page)
    assert page.text_input(key=key("lr")).value == "0.00123456789"
    page.button(key="launch_button").click().run()
    assert store.runs.list()[0].config == run.config


def test_a_clone_keeps_texts_that_end_like_numbers(store: Store) -> None:
    run = add_run(store, "stopped", name="v1.0", data_path="/nowhere/v3.0", notes="2.0")
    page = open_page("launch", clone=str(run.id))
    page.button(key="launch_button").click().run()
    assert store.runs.list()[0].config == run.config


@pytest.mark.parametrize("grid", ["", "_lr0.1_seed1"])
def test_a_clone_does_not_keep_a_proposed_name_that_would_lie(store: Store, grid: str) -> None:
    config = RunConfig(optimizer="SGD", lr=0.1, seed=1)
    run = add_run(store, "stopped", optimizer="SGD", lr=0.1, seed=1, name=proposed_name(config) + grid)
    page = open_page("launch", clone=str(run.id))
    page.selectbox(key=key("optimizer")).set_value("AdamW").run()
    page.button(key="launch_button").click().run()
    assert store.runs.list()[0].name == "10_tinyvgg_a_default_AdamW"


def test_a_clone_keeps_a_name_that_was_given(store: Store) -> None:
    run = add_run(store, "stopped", name="baseline")
    assert open_page("launch", clone=str(run.id)).text_input(key=key("name")).value == "baseline"


@pytest.mark.parametrize("asked", ["77", "9" * 5000, "²", "a]*b"])
def test_clone_of_an_unknown_run_is_one_line_above_the_whole_form(store: Store, asked: str) -> None:
    page = open_page("launch", clone=asked)
    assert not page.exception
    assert len(page.error) == 1
    assert "There is no run" in page.error[0].value
    assert not page.button(key="launch_button").disabled
    assert "clone" not in page.query_params
    assert_calm(page.run())


def test_a_model_known_not_to_work_cannot_be_launched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[dict[str, object] | None] = [None]
    monkeypatch.setattr(app.launch.panel, "describe", lambda config: costs[0])
    page = open_page("launch")
    assert not page.button(key="launch_button").disabled
    costs[0] = {"error": "tinyvgg_a: takes no pictures of 7 x 7"}
    page.run()
    assert page.button(key="launch_button").disabled
    assert "takes no pictures of 7 x 7" in shown(page)
    costs[0] = {"parameters": 1, "macs": 1, "input_size": 32, "error": None}
    assert not page.run().button(key="launch_button").disabled


def test_warnings_are_shown(store: Store) -> None:
    page = open_page("launch")
    page.selectbox(key=key("optimizer")).set_value("Adam")
    page.text_input(key=key("lr")).set_value("0.1").run()
    assert "Adam at learning rate 0.1 with batch size 64 often diverges" in shown(page)


def test_the_estimate_comes_from_what_has_run_here(store: Store) -> None:
    add_run(store)
    assert "from 1 run of tinyvgg_a" in shown(open_page("launch"))


def test_a_model_being_measured_does_not_block(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.launch.panel, "describe", lambda config: None)
    page = open_page("launch")
    assert_calm(page)
    assert "measuring…" in shown(page)
    assert not page.button(key="launch_button").disabled


def test_a_data_set_that_is_not_there_is_said_before_launching(store: Store) -> None:
    page = open_page("launch")
    page.selectbox(key=key("dataset")).set_value("CIFAR10").run()
    assert "CIFAR10 was not found" in shown(page)
    assert "python -m engine data CIFAR10" in shown(page)
    assert page.button(key="launch_button").disabled


def test_an_empty_home_offers_a_first_run_that_teaches(store: Store) -> None:
    page = open_page("launch")
    page.button(key="first_train").click().run()
    assert_calm(page)
    run, = store.runs.list()
    assert run.config_object() == parse_config(FIRST)
    assert "first_train" not in {button.key for button in open_page("launch").button}
