"""The compare page: figures and differing options side by side."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.compare.tables import as_csv, figures
from engine.store import Store
from tests.app_tests import address_of, assert_calm, open_page, shown
from tests.fake_detections import add_detection_run
from tests.fake_runs import WRONG, add_run


def test_fewer_than_two_runs_say_what_to_do(store: Store) -> None:
    page = open_page("compare")
    assert_calm(page)
    assert "A comparison needs two runs" in shown(page)
    add_run(store)
    assert "A comparison needs two runs" in shown(open_page("compare"))


def test_only_what_differs_is_listed_unless_asked(store: Store) -> None:
    first, second = add_run(store, lr=0.1), add_run(store, lr=0.2, optimizer="Adam")
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert_calm(page)
    rows = page.dataframe[1].value
    assert list(rows["Option"]) == ["Optimizer", "Learning rate"]
    assert list(rows.iloc[1, 1:]) == ["0.1", "0.2"]
    page.toggle(key="compare_everything").set_value(True).run()
    assert {"Epochs", "Batch size", "Model"} <= set(page.dataframe[1].value["Option"])


def test_a_figure_that_no_run_has_is_left_out(store: Store) -> None:
    tested, untested = add_run(store), add_run(store, "stopped")
    assert "Test loss" in figures([tested, untested])
    assert "Test loss" not in figures([untested])


def test_a_test_older_than_a_metric_has_a_dash_there(store: Store) -> None:
    new, old = add_run(store), add_run(store, seed=1)
    test = store.evaluations.of(old.id)[0]
    store.evaluations.put(old.id, test.conditions, {"top1": 0.9, "loss": 1.0}, test.predictions, test.sha256)
    page = open_page("compare", run=f"{new.id},{old.id}")
    assert_calm(page)
    rows = page.dataframe[0].value
    assert rows["Cohen's kappa"].notna().tolist() == [True, False]
    assert list(rows["Test accuracy"]) == [100 * new.test_accuracy, 90.0]  # type: ignore[operator]
    assert figures([store.runs.get(old.id)]).columns.tolist().count("Cohen's kappa") == 0


def test_each_chart_and_axis_draws(store: Store) -> None:
    first, second = add_run(store), add_run(store, "running", epochs=1)
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert page.multiselect(key="charts").placeholder == "Accuracy in validation"
    page.multiselect(key="charts").set_value(page.multiselect(key="charts").options)
    for axis in ("Step", "Epoch", "Hours", "Images seen"):
        page.segmented_control(key="against").set_value(axis).run()
        assert_calm(page)


def test_runs_can_be_grouped_by_what_differs(store: Store) -> None:
    runs = [add_run(store, lr=lr, seed=seed) for lr in (0.1, 0.2) for seed in (1, 2)]
    page = open_page("compare", run=",".join(str(run.id) for run in runs))
    assert page.multiselect(key="group").options == ["Learning rate", "Seed"]
    page.multiselect(key="group").set_value(["Learning rate"]).run()
    for band in page.selectbox(key="band").options:
        page.selectbox(key="band").set_value(band)
        page.toggle(key="singles").set_value(True).run()
        assert_calm(page)


def test_runs_with_the_same_options_say_so(store: Store) -> None:
    first, second = add_run(store), add_run(store)
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert "same options" in shown(page)


def test_csv_has_a_row_a_run_with_figures_and_options(store: Store) -> None:
    runs = [add_run(store, lr=0.1), add_run(store, lr=0.2)]
    table = pd.read_csv(io.BytesIO(as_csv(runs)))
    assert list(table["id"]) == [1, 2]
    assert list(table["lr"]) == [0.1, 0.2]
    assert table["test_accuracy"].iloc[0] == runs[0].test_accuracy
    assert table["epochs"].iloc[0] == 2
    assert table["test_loss"].iloc[0] == pytest.approx(runs[0].test_loss) and table["test_kappa"].notna().all()


def test_tested_runs_are_combined_and_the_gain_is_told(store: Store) -> None:
    first, second, untested = add_run(store), add_run(store), add_run(store, "stopped")
    page = open_page("compare", run=f"{first.id},{second.id},{untested.id}")
    assert_calm(page)
    rows = page.dataframe[-2].value
    assert list(rows["Run"]) == [f"{run.name} #{run.id}" for run in (first, second)] + ["Ensemble"]
    assert list(rows["Weight"])[:2] == [0.5, 0.5]
    assert "+0.00 points" in shown(page) and "no significant difference" in shown(page)
    page.segmented_control(key="ensemble_weights").set_value("fitted").run()
    assert_calm(page)
    assert "has no stored validation predictions" in shown(page)


def test_runs_without_results_are_not_combined(store: Store) -> None:
    runs = [add_run(store), add_run(store, "stopped")]
    assert "An ensemble needs two classifiers" in shown(open_page("compare", run=",".join(str(run.id) for run in runs)))


def test_two_tested_runs_have_their_errors_compared(store: Store) -> None:
    first, second = add_run(store), add_run(store, seed=1)
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert_calm(page)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures == {"Fixed": "0", "Broken": "0", "Both wrong": str(sum(WRONG.values())),
                       "Difference": "+0.00 points"}
    assert "These two checkpoints" in shown(page) and "No pictures here" in shown(page)
    page.segmented_control(key="errors_group").set_value("both_wrong").run()
    assert shown(page).count('class="dr-compared"') == sum(WRONG.values())
    page.toggle(key="errors_swapped").set_value(True).run()
    assert_calm(page)


def test_what_is_chosen_stands_in_the_address(store: Store) -> None:
    first, second = add_run(store), add_run(store, seed=1)
    page = open_page("compare", run=f"{first.id},{second.id}")
    page.toggle(key="compare_everything").set_value(True)
    page.segmented_control(key="errors_group").set_value("both_wrong")
    page.toggle(key="errors_swapped").set_value(True)
    page.segmented_control(key="ensemble_matrix").set_value("Shared errors")
    page.segmented_control(key="ensemble_weights").set_value("mean").run()
    carried = address_of(page)
    assert carried == {"run": f"{first.id},{second.id}", "equal": "yes", "pictures": "both_wrong", "swapped": "yes",
                       "between": "Shared errors"}
    again = open_page("compare", **carried)
    assert shown(again).count('class="dr-compared"') == sum(WRONG.values())
    assert {"Epochs", "Batch size"} <= set(again.dataframe[1].value["Option"])
    of_cell = open_page("compare", run=carried["run"], cell="0,1")
    assert_calm(of_cell)
    assert "by one of the two" in shown(of_cell) and address_of(of_cell)["cell"] == "0,1"


def test_errors_are_not_compared_of_three_runs_or_of_untested_ones(store: Store) -> None:
    runs = [add_run(store), add_run(store), add_run(store, "stopped")]
    assert "Errors compared" not in shown(open_page("compare", run="1,2,3"))
    assert "was not evaluated yet" in shown(open_page("compare", run=f"{runs[0].id},{runs[2].id}"))


def test_two_detectors_are_compared_by_size_class_and_slice(store: Store, scenes: None) -> None:
    first, second = add_detection_run(store), add_detection_run(store, seed=1)
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert_calm(page)
    assert "Detectors compared" in shown(page) and "These two checkpoints" in shown(page)
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures == {"mAP, difference": "+0.00 points", "mAP@50, difference": "+0.00 points"}
    slices = list(page.dataframe[-1].value["Slice"])
    assert "objects: small" in slices and any(name.startswith("class: ") for name in slices)
    page.toggle(key="errors_swapped").set_value(True).run()
    assert_calm(page)


def test_slices_of_ones_own_are_compared_and_a_mistake_is_told(store: Store, home: Path) -> None:
    first, second = add_run(store), add_run(store, seed=1)
    page = open_page("compare", run=f"{first.id},{second.id}")
    assert any(name.startswith("brightness: ") for name in _slices(page))
    file = home / "pens.csv"
    file.write_text("sample,pen\n" + "".join(f"{place},{'thick' if place % 2 else 'thin'}\n" for place in range(360)))
    page.text_input(key="slices_file").set_value(str(file)).run()
    assert_calm(page)
    assert {"pen: thick", "pen: thin"} <= set(_slices(page))
    file.write_text("sample,pen\nx,thin\n")
    page.run()
    assert_calm(page)
    assert "no test picture is called" in shown(page)


def _slices(page: AppTest) -> list[str]:
    return next(list(table.value["Slice"]) for table in page.dataframe if "Slice" in table.value)
