"""The results page: every figure and picture from the stored predictions."""

from __future__ import annotations

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from engine.data import load_dataset
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import WRONG, add_run


def _pictures(page: AppTest) -> list[tuple[int, int]]:
    """The (true, predicted) classes of the pictures on the page."""
    return [(int(true), int(predicted)) for true, predicted in
            re.findall(r'data-true="(\d+)" data-predicted="(\d+)"', shown(page))]


def test_no_results_say_what_to_do(store: Store) -> None:
    add_run(store, "running", epochs=1)
    page = open_page("results")
    assert_calm(page)
    assert "No results yet" in shown(page)


def test_metrics_and_misclassified_pictures(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert page.metric[0].value == "98.89 %"
    assert [metric.label for metric in page.metric] == ["Top-1", "Top-5", "Precision", "Recall", "F1", "F1 of means",
                                                     "Balanced", "Kappa", "MCC", "Loss", "ECE", "ECE mass",
                                                     "ECE classes"]
    assert sorted(_pictures(page)) == sorted(cell for cell, count in WRONG.items() for _ in range(count))


def test_most_confused_pairs_come_first(store: Store) -> None:
    run = add_run(store)
    pairs = open_page("results", run=str(run.id)).dataframe[0].value
    assert list(pairs["True"]) == ["8", "3"]
    assert list(pairs["Pictures"]) == [3, 1]


def test_a_chosen_cell_shows_exactly_its_pictures_until_cleared(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id))
    page.session_state[f"cell_{run.id}"] = (8, 1)
    page.run()
    assert_calm(page)
    assert _pictures(page) == [(8, 1)] * 3
    assert "8 classified as 1 · 3" in shown(page)
    page.button(key="clear_cell").click().run()
    assert len(_pictures(page)) == 4


def test_the_chosen_cell_and_the_order_stand_in_the_address(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id), cell="8,1", sort="Loss")
    assert_calm(page)
    assert _pictures(page) == [(8, 1)] * 3 and page.segmented_control(key="results_sort").value == "Loss"
    page.button(key="clear_cell").click().run()
    assert dict(page.query_params) == {"run": str(run.id), "sort": "Loss"}


@pytest.mark.parametrize("cell", ["8", "8,x", "10,0", "-1,0", "9" * 5000 + ",0", "²,1"])
def test_what_is_no_cell_is_ignored(store: Store, cell: str) -> None:
    page = open_page("results", run=str(add_run(store).id), cell=cell)
    assert_calm(page)
    assert len(_pictures(page)) == 4 and "cell" not in page.query_params


def test_misclassified_are_filtered_by_class(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id))
    page.selectbox(key=f"true_{run.id}").set_value("3").run()
    assert _pictures(page) == [(3, 5)]
    page.selectbox(key=f"predicted_{run.id}").set_value("1").run()
    assert _pictures(page) == []


def test_a_full_cell_is_paged(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id))
    page.session_state[f"cell_{run.id}"] = (0, 0)
    page.run()
    assert set(_pictures(page)) == {(0, 0)}
    assert len(_pictures(page)) == 36


@pytest.mark.parametrize(("options", "fingerprint", "told"), [
    ({"dataset": "CIFAR10", "data_path": "/nowhere"}, None, "was not found in /nowhere"),
    ({}, "0" * 16, "have changed since this run"),
])
def test_without_the_pictures_all_figures_are_still_there(
        store: Store, options: dict[str, str], fingerprint: str | None, told: str) -> None:
    run = add_run(store)
    config = {**run.config, **options}
    store.runs.update(run.id, config=config, dataset_fingerprint=fingerprint)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert told in shown(page)
    assert _pictures(page) == []
    classes = page.dataframe[-1].value
    assert len(classes) == 10
    assert list(classes)[:6] == ["name", "support", "precision", "recall", "f1", "specificity"]


def test_the_same_pictures_as_at_training_are_shown(store: Store) -> None:
    run = add_run(store)
    store.runs.update(run.id, dataset_fingerprint=load_dataset("Digits").fingerprint)
    assert len(_pictures(open_page("results", run=str(run.id)))) == 4


def test_shares_of_a_class_are_drawn_out_of_the_whole(store: Store) -> None:
    run = add_run(store)
    column = json.loads(open_page("results", run=str(run.id)).dataframe[0].proto.columns)["Share"]
    assert (column["type_config"]["min_value"], column["type_config"]["max_value"]) == (0, 100)


def test_predictions_that_are_not_there_say_what_makes_them(store: Store) -> None:
    run = add_run(store)
    (run.folder / "predictions-best-test.npz").unlink()
    page = open_page("results", run=str(run.id))
    assert "predictions-best-test.npz is not among this home's files; python -m engine evaluate" in page.error[0].value


def test_lost_predictions_are_one_line(store: Store) -> None:
    run = add_run(store)
    (run.folder / "predictions-best-test.npz").write_bytes(b"damaged")
    page = open_page("results", run=str(run.id))
    assert not page.exception
    assert len(page.error) == 1
    assert "predictions: cannot read" in page.error[0].value


def test_slices_are_listed_and_the_worst_is_named(store: Store) -> None:
    run = add_run(store)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    table = next(each.value for each in page.dataframe if "Slice" in each.value)
    assert len(table) == 13 and table["Slice"][0] == "class: 8" and table["Pictures"].sum() == 720
    assert "Worse than the rest beyond chance" in shown(page) and "class 8, top-1" in shown(page)
    page.selectbox(key=f"slices_{run.id}").set_value("macro_f1").run()
    assert_calm(page)
    table = next(each.value for each in page.dataframe if "Slice" in each.value)
    assert {name.partition(":")[0] for name in table["Slice"]} == {"brightness"}
