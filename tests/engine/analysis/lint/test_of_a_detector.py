"""Each rule about a detector fires on what it names and not on its neighbour, and classifiers have none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.analysis.lint import lint_configs
from engine.analysis.lint.boxes import DETECTION
from engine.config.parse import parse_options
from engine.data import load_detection
from engine.data.facts import data_facts
from tests.engine.data.box_sources import many, voc, voc_xml

SIDE, PICTURE = 20, 100
ANCHORED = {"model": "fasterrcnn_mobilenet_v3_large_fpn"}
SGD = {"optimizer": "SGD", "batch_size": 4}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("anchors-too-large", {**ANCHORED, "image_size": 64}, {**ANCHORED, "image_size": 100},
     "under 13 px in the input of fasterrcnn_mobilenet_v3_large_fpn, but its smallest anchor is 32 px"),
    ("anchors-too-large", {**ANCHORED, "image_size": 100, "anchor_sizes": "50+64+128+256+512"},
     {**ANCHORED, "image_size": 64, "anchor_sizes": "16+32+64+128+256"}, "its smallest anchor is 50 px"),
    ("anchors-too-small", {**ANCHORED, "anchor_sizes": "4+5+6+7+8"}, {**ANCHORED, "anchor_sizes": "4+5+6+8+16"},
     "over 20 px in the input of fasterrcnn_mobilenet_v3_large_fpn, but its largest anchor is 8 px"),
    ("detector-rate-high", {**SGD, "lr": 0.02}, {**SGD, "lr": 0.01}, "with batch size 4 is 4 times"),
    ("detector-norms", {"batch_size": 2}, {"batch_size": 4}, "from 2 pictures at a time"),
    ("detector-norms", {"batch_size": 8, "accumulate": 4}, {"batch_size": 2, "weights": "pretrained"},
     "from 2 pictures"),
    ("shows-few", {"score_threshold": 0.9}, {}, "a score of 0.9"),
    ("keeps-copies", {"nms_threshold": 0.9}, {}, "an NMS threshold of 0.9"),
    ("head-of-nothing", {"fine_tune": "head"}, {"fine_tune": "head", "weights": "pretrained"},
     "only the classifier of fcos_resnet10t_fpn would be trained"),
    ("wrong-normalisation", {"weights": "pretrained", "normalisation": "data"}, {"weights": "pretrained"},
     "of their own training"),
    ("pretrained-shrunk", {**ANCHORED, "weights": "pretrained"}, {"weights": "pretrained", "image_size": 64},
     "pretrained on 800 px pictures"),
]
LARGE: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("objects-tiny", {"image_size": 300}, {"image_size": 500}, "under 6 px at 300 px"),
    ("detail-lost", {"image_size": 200}, {"image_size": 300}, "pictures of 1,000 px are shrunk to 200"),
]


def told(values: dict[str, Any], folder: Path, **more: Any) -> dict[str, str]:
    config = parse_options({"dataset": "voc", "data_path": str(folder), **values, **more})
    return {remark.rule: remark.message for remark in lint_configs([config])}


def squares(folder: Path, picture: int, count: int = 20) -> Path:
    """Annotations of square objects, which is all that is looked at before a launch; pictures of their names, empty."""
    for place in range(count):
        voc_xml(folder / f"{place}.xml", [("cell", (0, 0, SIDE, SIDE))], filename=f"{place}.jpg", width=picture,
                height=picture // 2)
        (folder / f"{place}.jpg").touch()
    return folder


@pytest.mark.parametrize(("rule", "values", "sound", "words"), CASES)
def test_a_rule_fires_on_what_it_names_alone(rule: str, values: dict[str, Any], sound: dict[str, Any], words: str,
                                             home: Path) -> None:
    folder = squares(home / "set", PICTURE)
    assert words in told(values, folder).get(rule, f"{rule} is not among {sorted(told(values, folder))}")
    assert rule not in told(sound, folder)


@pytest.mark.parametrize(("rule", "values", "sound", "words"), LARGE)
def test_a_rule_about_large_pictures_fires_on_what_it_names_alone(
        rule: str, values: dict[str, Any], sound: dict[str, Any], words: str, home: Path) -> None:
    folder = squares(home / "set", 10 * PICTURE)
    assert words in told(values, folder).get(rule, f"{rule} is not among {sorted(told(values, folder))}")
    assert rule not in told(sound, folder)


def test_every_rule_is_tried() -> None:
    assert {rule.name for rule in DETECTION} <= {rule for rule, *_ in (*CASES, *LARGE)}


def test_a_prepared_set_tells_of_its_objects_what_a_first_look_told(home: Path) -> None:
    folder = voc(home / "set", many())
    looked = data_facts("voc", str(folder)).side_shares
    load_detection("voc", str(folder))
    assert looked == pytest.approx(data_facts("voc", str(folder)).side_shares, abs=0.01) and len(looked) == 3


def test_what_asks_for_objects_that_are_not_known_yet_is_left_unsaid(home: Path) -> None:
    config = parse_options({"dataset": "Scenes", **ANCHORED, "image_size": 64})
    assert "anchors-too-large" not in {remark.rule for remark in lint_configs([config])}


def test_a_usual_detector_has_only_what_its_length_asks_for(home: Path) -> None:
    found = told({"image_size": 128}, squares(home / "set", PICTURE, count=200))
    assert found.keys() == {"unaudited-test"}, found


def test_classifiers_are_told_nothing_of_boxes() -> None:
    values = {"optimizer": "SGD", "lr": 0.9, "batch_size": 2, "image_size": 32}
    found = {remark.rule for remark in lint_configs([parse_options(values)])}
    assert found.isdisjoint(rule.name for rule in DETECTION)
