"""Two detectors compared by a paired bootstrap over pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.analysis.box_pairs import BoxComparison, compare_boxes
from engine.analysis.slices import corrected
from engine.boxes.arrays import Annotations, Detections
from engine.boxes.metrics import summary
from engine.boxes.predictions import BoxPredictions
from engine.config import parse_config
from engine.errors import UserError
from engine.evaluation.box_results import DetectionResults, measured
from engine.store import Conditions, Evaluation, Run, Store
from tests.engine.boxes.scenes import random_detections, random_truth

CLASSES = ("ant", "bee", "cat", "dog")
EVALUATION = Evaluation(1, Conditions(), {}, Path(), "", 0)


@pytest.fixture
def run(home: Path) -> Run:
    return Store.open().runs.create(parse_config({"dataset": "Scenes"}), environment={}, git_commit=None,
                                    git_dirty=False)


def results(truth: Annotations, said: Detections) -> DetectionResults:
    return DetectionResults(CLASSES, BoxPredictions(np.arange(truth.pictures), truth, said), EVALUATION)


def compared(run: Run, truth: Annotations, *said: Detections, resamples: int = 400) -> BoxComparison:
    return compare_boxes((run, run), [results(truth, each) for each in said], resamples)


def without_some(said: Detections, share: float, label: int) -> Detections:
    """Boxes of one class get low scores and other places."""
    spoilt = (said.labels == label) & (np.random.default_rng(0).random(len(said)) < share)
    return replace(said, boxes=said.boxes + np.where(spoilt, 500, 0).astype(np.float32)[:, None])


def test_figures_are_those_of_the_evaluations(run: Run) -> None:
    truth = random_truth(3, 60)
    said = random_detections(truth, 4), random_detections(truth, 5)
    found = compared(run, truth, *said)
    for place, each in enumerate(said):
        outcome = measured(run, BoxPredictions(np.arange(60), truth, each))
        theirs = summary(outcome.detections, outcome.truth)
        figures = {"map": found.map, "map50": found.map50, **{f"map_{part.group}": part for part in found.parts
                                                              if part.slicing == "objects"}}
        assert {"map", "map50", "map_small"} <= figures.keys()
        for key, change in figures.items():
            assert (change.before, change.after)[place] == pytest.approx(theirs[key], abs=1e-6)


def test_a_class_that_got_worse_is_found_and_the_others_are_not(run: Run) -> None:
    truth = random_truth(3, 150)
    said = random_detections(truth, 4)
    found = compared(run, truth, said, without_some(said, 0.5, 2))
    changes = {change.group: change for change in corrected(found.parts)}
    assert changes["cat"].change < -0.1 and changes["cat"].p < 0.001 and changes["cat"].high < 0
    assert all(changes[name].change == 0 and changes[name].p == 1 for name in ("ant", "bee", "dog"))
    assert found.gain.verdict == "significantly worse"
    assert found.map.low <= found.map.change <= found.map.high


def test_equal_detectors_differ_nowhere(run: Run) -> None:
    truth = random_truth(3, 40)
    said = random_detections(truth, 4)
    found = compared(run, truth, said, said)
    assert (found.map.change, found.map.low, found.map.high, found.map.p) == (0, 0, 0, 1)
    assert found.gain.verdict == "no significant difference"


def test_objects_in_few_pictures_are_shown_but_not_tested(run: Run) -> None:
    truth = random_truth(3, 40)
    rare = np.where(np.arange(len(truth)) < 3, 3, truth.labels % 3)
    truth = replace(truth, labels=rare.astype(np.int64))
    found = compared(run, truth, random_detections(truth, 4), random_detections(truth, 5))
    dog = next(part for part in found.parts if part.group == "dog")
    assert 0 < dog.size <= 3 and math.isnan(dog.p) and math.isnan(dog.low)


def test_other_pictures_or_classes_are_refused(run: Run) -> None:
    truth, other = random_truth(3, 40), random_truth(4, 40)
    one, two = results(truth, random_detections(truth)), results(other, random_detections(other))
    for pair in ((one, two), (one, replace(one, classes=("w", "x", "y", "z")))):
        with pytest.raises(UserError, match="different pictures"):
            compare_boxes((run, run), pair)
