"""The launch form with pictures that the user brings."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.form.draft import key
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.engine.data import sources


@pytest.mark.parametrize("dataset", ["folder", "npy"])
def test_a_set_of_ones_own_asks_for_its_place_and_is_then_described(store: Store, tmp_path: Path, dataset: str) -> None:
    page = open_page("launch")
    page.text_input(key=key("batch_size")).set_value("16")
    page.selectbox(key=key("dataset")).set_value(dataset).run()
    assert not page.exception
    assert any("place of your own pictures" in caption.value for caption in page.caption)
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
