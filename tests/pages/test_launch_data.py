"""The launch form with pictures that the user brings."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.form.draft import key
from engine.catalog.models import DETECTORS
from engine.store import Store
from tests.app_tests import assert_calm, mistakes, open_page, shown
from tests.engine.data import sources


@pytest.mark.parametrize("dataset", ["folder", "npy"])
def test_a_set_of_ones_own_asks_for_its_place_and_is_then_described(store: Store, tmp_path: Path, dataset: str) -> None:
    page = open_page("launch")
    page.text_input(key=key("batch_size")).set_value("16")
    page.selectbox(key=key("dataset")).set_value(dataset).run()
    assert not page.exception
    assert any("place of your own pictures" in line for line in mistakes(page))
    assert page.button(key="launch_button").disabled
    for wrong in (str(tmp_path / "nowhere"), "x" * 3000):
        page.text_input(key=key("data_path")).set_value(wrong).run()
        assert not page.exception
        assert page.button(key="launch_button").disabled
    place = tmp_path / "mine"
    place = sources.class_folder(place, count=15) if dataset == "folder" else sources.arrays(place, train=200)
    page.text_input(key=key("data_path")).set_value(str(place)).run()
    assert_calm(page)
    assert not page.button(key="launch_button").disabled
    assert f"--dataset {dataset} --data-path" in shown(page)


def test_a_data_set_with_boxes_brings_its_models_along_and_takes_them_back(store: Store) -> None:
    page = open_page("launch")
    page.selectbox(key=key("dataset")).set_value("Scenes").run()
    model = page.selectbox(key=key("model"))
    assert model.value == "fcos_resnet10t_fpn" and len(model.options) == len(DETECTORS)
    assert page.text_input(key=key("batch_size")).value == "4"
    assert not page.button(key="launch_button").disabled
    page.selectbox(key=key("dataset")).set_value("Digits").run()
    assert page.selectbox(key=key("model")).value == "tinyvgg_a"
    assert page.text_input(key=key("batch_size")).value == "64"


def test_what_somebody_has_chosen_stays(store: Store) -> None:
    page = open_page("launch")
    page.text_input(key=key("batch_size")).set_value("16").run()
    page.selectbox(key=key("dataset")).set_value("Scenes").run()
    assert page.text_input(key=key("batch_size")).value == "16"
