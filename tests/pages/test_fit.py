"""The Fit page: what was measured, what is predicted, and whether it fits into the memory that is named."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import app.fit.table
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run


def cells(page: AppTest) -> pd.DataFrame:
    table: pd.DataFrame = page.dataframe[0].value
    return table


def test_measured_cells_stand_beside_predicted_ones(store: Store) -> None:
    add_run(store, model="tinyvgg_a", batch_size=64)
    page = open_page("fit")
    assert_calm(page)
    table = cells(page)
    assert table.loc["tinyvgg_a", "32 px · batch 64"] == "✓ 300 MB · 1,000/s · 89.0 %"
    assert table.loc["tinyvgg_a", "32 px · batch 256"].startswith("✓ ≈ 6")
    assert "1 run of Digits" in shown(page)


def test_a_run_that_ran_out_of_memory_is_a_result(store: Store) -> None:
    run = add_run(store, "failed", model="resnet18", batch_size=256, epochs=0)
    store.runs.update(run.id, resolved={"image_size": 32, "out_of_memory": {"reached": 3e9}})
    assert cells(open_page("fit")).loc["resnet18", "32 px · batch 256"] == "✕ does not fit, 3.0 GB reached"


def test_a_named_size_decides(store: Store) -> None:
    page = open_page("fit")
    page.text_input(key="fit_memory").set_value("400 MB").run()
    assert cells(page).loc["resnet18", "32 px · batch 64"].startswith("✕ ≈ ")
    page.text_input(key="fit_memory").set_value("8GB").run()
    assert cells(page).loc["resnet18", "32 px · batch 64"].startswith("✓ ≈ ")


def test_mistakes_are_lines_and_the_rest_is_shown(store: Store) -> None:
    page = open_page("fit")
    page.text_input(key="fit_memory").set_value("much")
    page.text_input(key="fit_batches_classification").set_value("64, 9999999").run()
    assert_calm(page)
    assert "a size with its unit" in shown(page)
    assert "batch" in shown(page)
    assert list(cells(page).columns) == ["32 px · batch 64"]


def test_a_home_that_is_only_viewed_does_not_promise_to_measure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.fit.table, "memories", lambda configs: [None] * len(configs))
    assert cells(open_page("fit")).loc["resnet18", "32 px · batch 64"] == "…"
    monkeypatch.setenv("DARKROOM_READ_ONLY", "1")
    assert cells(open_page("fit")).loc["resnet18", "32 px · batch 64"] == "not measured"
