"""The results page of a detector: figures, matrix, errors and pictures from the stored predictions."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.results.boxes.errors import KINDS
from engine.boxes.arrays import Annotations
from engine.boxes.judging import Kind
from engine.data import load_detection
from engine.evaluation.box_results import best_view, load_detection_results
from engine.store import Store
from tests.app_tests import address_of, assert_calm, open_page, shown
from tests.fake_detections import GHOSTS, MISPLACED, MISSED, TWICE, WRONG, add_detection_run

pytestmark = pytest.mark.usefixtures("scenes")


def _tiles(page: AppTest) -> list[tuple[int, int, int]]:
    """The (picture, object, detection) of each picture on the page."""
    found = re.findall(r'data-picture="(-?\d+)" data-object="(-?\d+)" data-detection="(-?\d+)"', shown(page))
    return [(int(picture), int(place), int(detection)) for picture, place, detection in found]


def _kinds(page: AppTest) -> list[str]:
    return list(page.segmented_control(key="box_kind_1").options)


def _truth() -> Annotations:
    return load_detection("Scenes").test.annotations


def test_figures_errors_and_pictures(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert [metric.label for metric in page.metric] == [
        "mAP", "mAP@50", "mAP@75", "Small", "Medium", "Large", "Recall@100",
        "Precision", "Recall", "F1", "mAP@50", "Objects", "Boxes", "Not found"]
    assert run.test_score is not None
    assert page.metric[0].value == f"{100 * run.test_score:.2f} %"
    assert page.metric[13].value == str(MISSED + WRONG + MISPLACED)
    assert "There are no large objects" in shown(page)
    assert len(_tiles(page)) == MISSED + MISPLACED
    truth = _truth()
    missed = {place: picture for picture, place, detection in _tiles(page) if detection == -1}
    assert all(truth.picture[place] == picture for place, picture in missed.items())


def test_moving_the_score_moves_the_counts_and_the_gallery(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    assert page.slider(key=f"score_{run.id}").value == 0.5
    assert _kinds(page) == [
        f"Missed · {MISSED + MISPLACED}", f"Background · {GHOSTS}", f"Wrong class · {WRONG}",
        f"Badly localised · {MISPLACED}", "Class and place · 0", f"Duplicate · {TWICE}",
        f"Correct · {len(_truth()) - MISSED - MISPLACED - WRONG}"]
    for kind, count in ((Kind.GHOST, GHOSTS), (Kind.WRONG_CLASS, WRONG), (Kind.DUPLICATE, TWICE)):
        page.segmented_control(key=f"box_kind_{run.id}").set_value(KINDS[kind].name).run()
        assert len(_tiles(page)) == count
    page.slider(key=f"score_{run.id}").set_value(0.95).run()
    assert page.metric[12].value == "0"
    assert_calm(page)


def test_thresholds_and_choices_stand_in_the_address(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    assert address_of(page) == {"run": str(run.id)}
    for name, value in (("score", 0.95), ("overlap", 0.6), ("nms", 0.3)):
        page.slider(key=f"{name}_{run.id}").set_value(value)
    page.segmented_control(key="box_whole").set_value("Whole picture")
    page.segmented_control(key=f"box_kind_{run.id}").set_value("Duplicate").run()
    carried = address_of(page)
    assert carried == {"run": str(run.id), "score": "0.95", "overlap": "0.6", "nms": "0.3", "kind": "Duplicate",
                       "shown": "Whole picture"}
    again = open_page("results", **carried)
    assert_calm(again)
    assert [again.slider(key=f"{name}_{run.id}").value for name in ("score", "overlap", "nms")] == [0.95, 0.6, 0.3]
    assert_calm(open_page("results", run=str(run.id), score="7", nms="nan"))


def test_without_any_box_every_object_is_missed_and_shown(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    page.slider(key=f"score_{run.id}").set_value(1.0).run()
    assert_calm(page)
    assert _kinds(page)[0] == f"Missed · {len(_truth())}"
    assert _tiles(page) and all(detection == -1 for _, _, detection in _tiles(page))


def test_a_chosen_cell_shows_exactly_its_objects_until_cleared(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    pairs = page.dataframe[0].value
    classes = load_detection("Scenes").classes
    true, predicted = (classes.index(pairs[column][0]) for column in ("True", "Predicted"))
    page.session_state[f"box_cell_{run.id}"] = (true, predicted)
    page.run()
    assert_calm(page)
    assert f"{classes[true]} detected as {classes[predicted]} · {pairs['Boxes'][0]}" in shown(page)
    assert len(_tiles(page)) == pairs["Boxes"][0]
    assert all(_truth().labels[place] == true for _, place, _ in _tiles(page))
    page.session_state[f"box_cell_{run.id}"] = (true, len(classes))
    page.run()
    assert f"{classes[true]}, missed" in shown(page)
    page.button(key="clear_box_cell").click().run()
    assert "Errors" in shown(page)


def test_the_best_score_is_a_click_away(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    before = float(page.metric[9].value.split()[0])
    page.button(key=f"best_score_{run.id}").click().run()
    assert_calm(page)
    assert page.slider(key=f"score_{run.id}").value > 0.6
    assert float(page.metric[9].value.split()[0]) > before
    assert page.button(key=f"best_score_{run.id}").disabled


def test_by_genus_the_wrong_species_is_right(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    before = len(page.dataframe[-1].value)
    page.toggle(key=f"genus_{run.id}").set_value(True).run()
    assert_calm(page)
    assert (before, len(page.dataframe[-1].value)) == (6, 3)
    assert int(page.metric[13].value) < MISSED + WRONG + MISPLACED


def test_errors_of_one_class_and_whole_pictures(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    label = int(_truth().labels[_tiles(page)[0][1]])
    page.selectbox(key=f"box_class_{run.id}_6").set_value(load_detection("Scenes").classes[label]).run()
    assert {int(_truth().labels[place]) for _, place, _ in _tiles(page)} == {label}
    page.segmented_control(key="box_whole").set_value("Whole picture").run()
    assert_calm(page)
    assert "aspect-ratio:192/144" in shown(page)


@pytest.mark.parametrize("change", [{"dataset": "voc", "data_path": "/nowhere"}, {}])
def test_without_the_pictures_all_figures_are_still_there(store: Store, change: dict[str, str]) -> None:
    run = add_detection_run(store)
    store.runs.update(run.id, config={**run.config, **change}, dataset_fingerprint="0" * 16)
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert ("/nowhere" if change else "have changed since this run") in shown(page)
    assert _tiles(page) == []
    assert len(page.dataframe[-1].value) == 6


def test_boxes_are_drawn_where_they_are(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    page.segmented_control(key="box_whole").set_value("Whole picture").run()
    _, place, _ = _tiles(page)[0]
    left, top, right, bottom = _truth().boxes[place]
    style = re.search(r'class="dr-there dr-focus" title="([^"]*)" style="left:([\d.]+)%;top:([\d.]+)%;'
                      r'width:([\d.]+)%;height:([\d.]+)%', shown(page))
    assert style is not None
    found = [float(style[index]) for index in range(2, 6)]
    expected = [left / 1.92, top / 1.44, (right - left) / 1.92, (bottom - top) / 1.44]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_calibration_is_that_of_the_boxes_shown(store: Store) -> None:
    run = add_detection_run(store)
    page = open_page("results", run=str(run.id))
    view = best_view(run, load_detection_results(store, run))
    assert "Calibration" in shown(page) and "D-ECE" in shown(page)
    page.button(key=f"best_score_{run.id}").click().run()
    assert_calm(page)
    assert f"{100 * view.reliability.error:.2f} %" in shown(page)
    table = next(each.value for each in page.dataframe if "D-ECE" in each.value)
    assert [name.split(" · ")[0] for name in table["Boxes"]] == [row.size for row in view.calibration_by_size]
