"""The doctor while a run trains: sure after some epochs, not of a noisy one, and also of what it showed earlier."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.analysis.doctor import examine, rules
from engine.analysis.doctor.watching import Watch
from engine.store import Run, Store
from engine.tasks import TASKS
from tests.engine.analysis.doctor.ended import ended_run

GUESSING = {"val_accuracy": 0.1, "train_accuracy": 0.11, "train_loss": 2.31, "val_loss": 2.31}
LEARNING = {"val_accuracy": 0.5, "train_accuracy": 0.5, "train_loss": 1.2, "val_loss": 1.2}


@pytest.fixture
def run(home: object) -> Run:
    store = Store.open()
    found = ended_run(store, status="running", limit=20)
    store.runs.update(found.id, resolved={"val_pictures": 500, "classes": 10})
    return store.runs.get(found.id)


def watched(run: Run, epochs: Sequence[dict[str, float]], first: int = 1) -> list[list[str]]:
    """What the doctor has become sure of after each epoch."""
    watch = Watch(Store.open(), run)
    return [[found.rule for found in watch.epoch_done(first + place, metrics)] for place, metrics in enumerate(epochs)]


def findings(run: Run) -> list[str]:
    return [finding.rule for finding in examine(Store.open(), Store.open().runs.get(run.id))]


def test_a_run_that_guesses_for_six_epochs_is_told_once_while_it_trains(run: Run) -> None:
    assert watched(run, [GUESSING] * 8) == [[], [], [], [], [], ["learns-nothing"], [], []]
    (finding,) = examine(Store.open(), run)
    assert finding.serious and finding.message.startswith("after epoch 6: validation accuracy 10.00 % is not above")


@pytest.mark.parametrize("pattern", [
    [LEARNING] * 10, [GUESSING] * 5 + [LEARNING] * 5, ([GUESSING] * 2 + [LEARNING]) * 4,
    [GUESSING | {"train_loss": 2.4 - 0.02 * epoch} for epoch in range(10)],
    [GUESSING | {"train_accuracy": 0.4}] * 10,
], ids=["learns", "late", "noisy", "slow", "by heart"])
def test_a_run_that_learns_is_not_called_sick(run: Run, pattern: list[dict[str, float]]) -> None:
    assert watched(run, pattern) == [[] for _ in pattern]


BLIND = {"val_map50": 0.002, "val_map": 0.001, "train_loss": 1.71, "val_loss": 1.7}


@pytest.fixture
def detector(run: Run) -> Run:
    store = Store.open()
    found = ended_run(store, status="running", limit=20, dataset="Scenes")
    return store.runs.get(found.id)


def test_a_detector_that_finds_nothing_while_its_loss_stays_is_told(detector: Run) -> None:
    assert watched(detector, [BLIND] * 7) == [[], [], [], [], [], ["learns-nothing"], []]
    assert "validation mAP at IoU 0.5 is 0.20 % and the loss" in examine(Store.open(), detector)[0].message


@pytest.mark.parametrize("pattern", [
    [BLIND | {"train_loss": 1.9 - 0.03 * epoch} for epoch in range(10)], [BLIND | {"val_map50": 0.02}] * 10,
    [BLIND | {"val_map50": float("nan")}] * 10, [BLIND] * 5 + [BLIND | {"val_map50": 0.1}] * 5,
], ids=["slow", "finds some", "no objects", "late"])
def test_a_detector_that_learns_or_cannot_be_told_is_left_alone(detector: Run, pattern: list[dict[str, float]]) -> None:
    assert watched(detector, pattern) == [[] for _ in pattern]


def test_one_good_epoch_withdraws_nothing_and_three_do(run: Run) -> None:
    watched(run, [*[GUESSING] * 6, LEARNING, GUESSING])
    assert findings(run) == ["learns-nothing"]
    other = ended_run(Store.open(), status="running", limit=20)
    Store.open().runs.update(other.id, resolved={"val_pictures": 500, "classes": 10})
    other = Store.open().runs.get(other.id)
    watched(other, [*[GUESSING] * 6, *[LEARNING] * 3])
    assert findings(other) == []
    assert [event.message[:33] for event in Store.open().events.of(other.id)] == [
        "sure of learns-nothing after epoc", "no longer sure of learns-nothing "]


def test_where_the_pictures_are_too_few_to_tell_nothing_is_said(run: Run) -> None:
    Store.open().runs.update(run.id, resolved={"val_pictures": 30, "classes": 10})
    assert not any(watched(Store.open().runs.get(run.id), [GUESSING] * 9))


def test_the_first_steps_are_not_judged(run: Run) -> None:
    Store.open().runs.update(run.id, steps_per_epoch=12)
    assert watched(Store.open().runs.get(run.id), [GUESSING] * 11).index(["learns-nothing"]) == 10


def test_a_resumed_run_is_judged_by_all_its_epochs(home: object) -> None:
    store = Store.open()
    before = {name: [value] * 4 for name, value in GUESSING.items()}
    run = ended_run(store, before, status="running", limit=20)
    store.runs.update(run.id, resolved={"val_pictures": 500, "classes": 10})
    assert watched(store.runs.get(run.id), [GUESSING] * 2, first=5) == [[], ["learns-nothing"]]
    assert watched(store.runs.get(run.id), [GUESSING], first=7) == [[]], "it is still sure, and says so once"


def test_a_loss_that_is_no_number_is_sure_at_once(run: Run) -> None:
    assert watched(run, [LEARNING, LEARNING | {"val_loss": float("nan")}]) == [[], ["not-finite"]]


def test_rules_that_need_the_end_are_not_asked_before_it() -> None:
    assert {rule.name for rule in rules(*TASKS) if rule.sure} == {"not-finite", "learns-nothing"}
