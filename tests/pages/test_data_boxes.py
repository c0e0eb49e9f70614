"""The data page of pictures with boxes: boxes drawn, distributions, suspects, parts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import app.data.batch
from app.data.boxes.distribution import class_bars, count_bars, heatmap, histogram, size_dots
from app.data.boxes.sheet import pictures_shown
from engine.data import load_detection
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.engine.data.box_sources import Shown, many, voc

pytestmark = pytest.mark.usefixtures("scenes")

CAT, DOG = ("cat", (2.0, 3.0, 12.0, 23.0)), ("dog", (20.0, 5.0, 38.0, 15.0))
ODD: dict[str, Shown] = many() | {"p00": [CAT, ("dog", (50, 3, 60, 9))], "p01": [DOG, DOG], "p02": [DOG]}


def _view(name: str, root: Path | None = None) -> AppTest:
    page = open_page("data", {"dataset": "voc", "folder": str(root), "data_shown": name} if root else
                     {"dataset": "Scenes", "data_shown": name})
    assert_calm(page)
    return page


def test_pictures_are_shown_with_their_boxes(store: Store) -> None:
    text = shown(_view("Pictures"))
    dataset = load_detection("Scenes")
    assert "192 × 144 px" in text and dataset.fingerprint in text
    assert len(re.findall("<figure", text)) == 24
    boxes = dataset.train.annotations
    assert len(re.findall(r'<i class="dr-hue', text)) == int((boxes.picture < 24).sum())
    assert "240 pictures" in text


def test_a_class_an_order_and_a_split_choose_the_pictures(store: Store) -> None:
    page = _view("Pictures")
    dataset = load_detection("Scenes")
    page.segmented_control(key="sheet_split").set_value("Test")
    page.selectbox(key=f"sheet_class_{dataset.fingerprint}").set_value(dataset.classes[3])
    page.selectbox(key="boxes_order").set_value("Largest box").run()
    assert_calm(page)
    places = [int(place) for place in re.findall(r'data-picture="test (\d+)"', shown(page))]
    boxes = dataset.test.annotations
    wanted = boxes.labels == 3
    assert sorted(places) == np.unique(boxes.picture[wanted]).tolist() and places
    largest = [boxes.areas[wanted & (boxes.picture == place)].max() for place in places]
    assert largest == sorted(largest, reverse=True)
    counts = np.bincount(boxes.picture, minlength=80)
    assert counts[pictures_shown(dataset.test, None, "Most boxes")[0]] == counts.max()
    assert counts[pictures_shown(dataset.test, None, "Fewest boxes")[0]] == 0


def test_the_distribution_is_of_all_boxes_or_of_a_class(store: Store) -> None:
    page = _view("Boxes")
    text, dataset = shown(page), load_detection("Scenes")
    splits = (dataset.train, dataset.test)
    assert f"make half of the {len(dataset.train.annotations)} training boxes" in text
    assert f"{sum(split.without_boxes.sum() for split in splits)} of 320 pictures have none" in text
    assert "All 320 pictures are 192 × 144 pixels" in text
    page.selectbox(key=f"boxes_class_{dataset.fingerprint}").set_value(dataset.classes[3]).run()
    assert_calm(page)
    having = sum(len(set(boxes.picture[boxes.labels == 3])) for boxes in (split.annotations for split in splits))
    assert f"{320 - having} of 320 pictures have none of this class" in shown(page)


def test_suspects_are_listed_and_lead_to_their_picture(store: Store, home: Path) -> None:
    root = voc(home / "own", ODD, {"train": list(ODD)[:14], "test": list(ODD)[14:]})
    page = _view("Suspects", root)
    text = shown(page)
    assert "The box lies outside the picture" in text
    assert "dog: 50, 3 to 60, 9 in a picture of 40 × 30; Annotations/p00.xml, line 9" in text
    assert page.dataframe[0].value["Annotation"].tolist() == ["Annotations/p00.xml, line 9"]
    page.segmented_control[-1].set_value("duplicate").run()
    assert_calm(page)
    assert 'data-picture="train 1"' in shown(page) and len(re.findall('dr-focus" title', shown(page))) == 2
    page.toggle(key="suspect_close").set_value(True).run()
    assert_calm(page)


def test_a_picture_is_not_named_twice_where_its_annotation_has_its_name(store: Store, home: Path) -> None:
    assert list(_view("Suspects").dataframe[0].value) == ["Split", "Annotation"]
    root = voc(home / "own", ODD, {"train": list(ODD)[:14], "test": list(ODD)[14:]})
    assert "Picture" in _view("Suspects", root).dataframe[0].value


def test_a_clean_set_is_said_to_be_clean(store: Store, home: Path) -> None:
    pictures = {name: shown for name, shown in many().items() if shown}
    assert "No suspicious annotations" in shown(_view("Suspects", voc(home / "own", pictures)))


def test_parts_follow_the_options(store: Store) -> None:
    page = _view("Parts")
    assert [metric.value for metric in page.metric] == ["216", "24", "0", "80"]
    assert "No picture is in two splits" in shown(page)
    page.selectbox(key="parts_empty_pictures").set_value("drop").run()
    assert_calm(page)
    empty = int(load_detection("Scenes").train.without_boxes.sum())
    learnt, validation, left_out, _ = (int(metric.value) for metric in page.metric)
    assert validation == 24 and learnt + left_out == 216 and 9 <= left_out <= empty
    page.text_input(key="parts_val_fraction").set_value("2").run()
    assert "Validation fraction: '2' is out of bounds" in shown(page)


def test_the_batch_is_shown_as_the_network_sees_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []

    def run_job(name: str, request: dict[str, Any]) -> dict[str, Any]:
        requests.append((name, request["config"]))
        np.savez(Path(request["folder"]) / "pictures.npz", **{"0": np.zeros((30, 40, 3), np.uint8),
                                                              "1": np.zeros((40, 40, 3), np.uint8)})
        return {"boxes": [[[4, 3, 20, 15]], []], "labels": [[1], []], "classes": ["cat", "dog"], "steps": 54,
                "low": -2.0, "high": 2.0, "mean": 0.1, "std": 0.9, "channel_mean": [0.5] * 3, "channel_std": [0.1] * 3}

    monkeypatch.setattr(app.data.batch, "run_job", run_job)
    monkeypatch.setattr(app.data.batch, "ensure_dispatcher", lambda: None)
    page = _view("What the network sees")
    name, config = requests[-1]
    assert name == "preview" and config["dataset"] == "Scenes"
    text = shown(page)
    assert "2 of 3 × 40 × 30 and other sizes" in text and 'title="dog"' in text and "no box" in text
    assert "left:10.00%;top:10.00%;width:40.00%;height:40.00%" in text
    page.selectbox(key="seen_augmentation").set_value("weak").run()
    assert_calm(page)
    assert requests[-1][1]["augmentation"] == "weak"


def test_another_task_has_other_views(store: Store) -> None:
    page = _view("Suspects")
    page.selectbox(key="dataset").set_value("Digits").run()
    assert_calm(page)
    assert "142 train · 36 test" in shown(page)
    page.segmented_control(key="data_shown").set_value("Duplicates").run()
    page.selectbox(key="dataset").set_value("Scenes").run()
    assert_calm(page)
    assert "240 pictures" in shown(page)


def test_what_cannot_be_opened_is_said(store: Store, home: Path) -> None:
    page = open_page("data", {"dataset": "voc", "folder": str(voc(home / "own", dict.fromkeys(many(), ())))})
    assert not page.exception and "20 pictures have none" in page.error[0].value
    root = voc(home / "broken", many())
    (root / "Annotations" / "p03.xml").write_text("<annotation>")
    page = _view("Pictures", root)
    assert "Annotations/p03.xml, line 1: not XML" in page.code[0].value


def test_figures_hold_what_they_are_given() -> None:
    counts = {"train": np.array([5, 90, 1]), "test": np.array([2, 10, 0])}
    bars = class_bars(["a", "b", "c"], counts, log=False)
    assert bars.traces[0]["y"] == ["c", "a", "b"] and bars.traces[0]["x"].tolist() == [1, 5, 90]
    assert count_bars({"train": np.array([0, 2, 2, 1])}, "n").traces[0]["y"].tolist() == [0.25, 0.25, 0.5]
    for log in (False, True):
        values = {"train": np.array([1.0, 10.0, 100.0, 1000.0])}
        drawn = histogram(values, "n", log=log, marks={"here": 50.0, "no": 1e9})
        assert drawn.traces[0]["y"].sum() == 1 and len(drawn.layout["shapes"]) == 1
        assert np.isclose(drawn.traces[0]["x"][-1], 1000)
    assert histogram({"train": np.zeros(0)}, "n", log=True).traces == []
    assert histogram({"train": np.full(3, 7.0)}, "n", log=True).traces[0]["y"].sum() == 1
    assert heatmap(np.array([[1, 2]]), 4, 40, 30).traces[0]["z"].tolist() == [[0.25, 0.5]]
    assert size_dots([((30, 40), 9), ((60, 80), 1)]).traces[0]["x"] == [40, 80]
