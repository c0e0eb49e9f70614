"""What a detector's boxes and curves tell is found where it is so, and nothing is said of a sound one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import engine.evaluation.leaks
from engine.analysis.doctor import examine, kept_out, rules
from engine.analysis.doctor.boxes import BOXES
from engine.boxes.arrays import Annotations, Detections, concat_annotations, concat_detections
from engine.boxes.predictions import BoxPredictions, save_predictions
from engine.config import with_name
from engine.config.parse import parse_options
from engine.store import Recorder, Run, Store
from engine.tasks import TASKS
from tests.engine.analysis.doctor.ended import ended_run

PICTURES, BOX, ELSEWHERE = 40, (10, 10, 40, 40), (60, 60, 90, 90)
Said = Sequence[tuple[Sequence[float], int, float]]


@pytest.fixture
def store(home: object) -> Store:
    return Store.open()


def truth() -> Annotations:
    """An object a picture, by turns of two classes."""
    return concat_annotations((np.array([BOX], np.float32), np.array([place % 2]), np.zeros(1, np.bool_))
                              for place in range(PICTURES))


def said(boxes: Said) -> Detections:
    """The same boxes in every picture: corners, class and score; class −1 is the right one."""
    return concat_detections((np.array([box for box, *_ in boxes], np.float32).reshape(-1, 4),
                              np.array([place % 2 if label < 0 else label for _, label, _ in boxes], np.int64),
                              np.array([score for *_, score in boxes], np.float32)) for place in range(PICTURES))


def detector(store: Store, boxes: Said = ((BOX, -1, 0.9),), curves: Mapping[str, Sequence[float]] | None = None,
             figures: Mapping[str, float] | None = None, **options: Any) -> Run:
    """A detector's finished run."""
    curves = curves or {"val_map": [0.5]}
    epochs = max(map(len, curves.values()))
    config = with_name(parse_options({"dataset": "Scenes", "epochs": epochs, **options}))
    run = store.runs.create(config, status="finished", environment={}, git_commit=None, git_dirty=False)
    with Recorder(store, run.id, 1) as recorder:
        for epoch in range(epochs):
            recorder.log(epoch + 1, {name: float(curve[epoch]) for name, curve in curves.items()}, epoch + 1)
    store.runs.update(run.id, epoch=epochs, resolved={"class_names": ["a", "b"], "classes": 2,
                                                      "val_pictures": PICTURES, "test_pictures": PICTURES})
    path = run.folder / "predictions-best-test.npz"
    digest = save_predictions(path, BoxPredictions(np.arange(PICTURES), truth(), said(boxes)))
    store.evaluations.add(run.id, "best", "test", {"map": 0.5, "map50": 0.7, **(figures or {})}, path, digest)
    return store.runs.get(run.id)


def found(store: Store, run: Run, group: Sequence[Run] = ()) -> dict[str, str]:
    return {finding.rule: finding.message for finding in examine(store, run, group)}


def test_a_sound_detector_has_no_finding(store: Store) -> None:
    assert found(store, detector(store)) == {}


def test_nothing_found_is_serious_and_all_that_is_said(store: Store) -> None:
    run = detector(store, ((ELSEWHERE, 0, 0.9),), {"val_map": [0.001]}, {"map": 0.001, "map50": 0.004})
    findings = examine(store, run)
    assert [finding.rule for finding in findings] == ["finds-nothing"]
    assert findings[0].message.startswith("test mAP at IoU 0.5 is 0.40 %") and kept_out(findings, []) == {run.id}
    assert "finds-nothing" not in found(store, detector(store, figures={"map50": 0.02}))
    assert "finds-nothing" not in found(store, detector(store, figures={"map50": float("nan")}))


def test_a_class_that_no_box_finds_is_named(store: Store) -> None:
    message = found(store, detector(store, ((BOX, 0, 0.9),)))["class-never-found"]
    assert "test object of b (20)" in message
    assert "class-never-found" not in found(store, detector(store, ((BOX, 0, 0.9), (BOX, 1, 0.02))))


def test_boxes_where_nothing_is(store: Store) -> None:
    ghosts = [(ELSEWHERE, 0, 0.8), ((60, 10, 90, 40), 1, 0.8)]
    assert "80 of 120 boxes with a score of 0.5 or more" in found(
        store, detector(store, [(BOX, -1, 0.9), *ghosts]))["many-ghosts"]
    assert "many-ghosts" not in found(store, detector(store, [(BOX, -1, 0.9), ghosts[0]]))
    faint = [(box, label, 0.3) for box, label, _ in ghosts]
    assert "many-ghosts" not in found(store, detector(store, [(BOX, -1, 0.9), *faint]))


def test_a_score_threshold_far_from_the_best(store: Store) -> None:
    low = ((BOX, -1, 0.3),)
    assert found(store, detector(store, low))["score-off"].startswith(
        "F1 is 0.00 % at the run's score threshold of 0.5, and 100.00 % at 0.3")
    assert "score-off" not in found(store, detector(store, low, score_threshold=0.2))


def test_test_map_far_below_validation(store: Store) -> None:
    curves = {"val_map": [0.2, 0.6]}
    assert found(store, detector(store, curves=curves, figures={"map": 0.25}))["map-below-validation"].startswith(
        "test mAP 25.00 % is less than half of the validation mAP 60.00 %")
    assert "map-below-validation" not in found(store, detector(store, curves=curves, figures={"map": 0.35}))
    few = detector(store, curves=curves, figures={"map": 0.25})
    store.runs.update(few.id, resolved={**few.resolved, "val_pictures": 9})
    assert "map-below-validation" not in found(store, store.runs.get(few.id))


def test_losses_that_part_while_map_no_longer_rises(store: Store) -> None:
    curves = {"train_loss": [2, 1, 0.5], "val_loss": [2, 1, 1.5], "val_map": [0.3, 0.5, 0.45]}
    assert "50 % above its minimum and 3.0 times the training loss" in found(
        store, detector(store, curves=curves))["losses-apart"]
    for calm in ({"val_map": [0.3, 0.4, 0.5]}, {"val_loss": [2, 1, 1.1]}, {"train_loss": [2, 1.5, 1.4]}):
        assert "losses-apart" not in found(store, detector(store, curves=curves | calm)), calm


def test_map_that_rises_to_the_end_asks_for_more_epochs(store: Store) -> None:
    run = detector(store, curves={"val_map": [0.1 + 0.02 * epoch for epoch in range(12)]})
    finding = next(each for each in examine(store, run) if each.rule == "still-improving")
    assert finding.more == 4 and finding.message.startswith("validation mAP was still rising at the end, by 2.0 points")
    flat = detector(store, curves={"val_map": [0.5 + 0.001 * epoch for epoch in range(12)]})
    assert "still-improving" not in found(store, flat)


def test_a_detector_far_from_its_repeats(store: Store) -> None:
    good = [detector(store, figures={"map": share}, seed=seed) for seed, share in enumerate((0.5, 0.51, 0.505))]
    bad = detector(store, figures={"map": 0.1}, seed=9)
    assert found(store, bad, [*good, bad])["outlier"].startswith("test mAP 10.00 % is far from the 50.50 % of its 3")
    assert "outlier" not in found(store, good[0], good)


def test_losses_that_are_no_numbers_are_found_of_a_detector_too(store: Store) -> None:
    run = detector(store, curves={"loss": [1, float("nan")], "loss_box": [0.5, float("nan")]})
    assert found(store, run)["not-finite"].startswith("1 of 2 values of loss")


def test_leaked_test_pictures_are_told_with_the_map_without_them(
        store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = detector(store, ((BOX, 0, 0.9),))  # right in every other picture
    monkeypatch.setattr(engine.evaluation.leaks, "known_leaks", {"leaky": frozenset(range(1, PICTURES, 2))}.get)
    assert "leaked-test" not in found(store, run)
    store.runs.update(run.id, dataset_fingerprint="leaky")
    assert found(store, store.runs.get(run.id))["leaked-test"] == (
        "20 of 40 test pictures are among the training pictures: test mAP is 50.00 % on all 40, and 100.00 % on the 20 "
        "others")


def test_neither_task_is_told_what_is_of_the_other(store: Store) -> None:
    classifier = ended_run(store, {"val_accuracy": [0.5, 0.9], "train_loss": [2, 0.5], "val_loss": [1, 1.5]},
                           accuracy=0.2)
    assert found(store, classifier).keys().isdisjoint(rule.name for rule in BOXES)
    broken = detector(store, (), {"val_map": [0.9, 0.9], "val_loss": [1, 9], "train_loss": [1, 1]},
                      {"map": 0.0, "map50": 0.0})
    of_boxes = {rule.name for rule in BOXES}
    assert found(store, broken).keys() <= of_boxes and of_boxes <= {rule.name for rule in rules(*TASKS)}
