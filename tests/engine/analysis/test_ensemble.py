"""Ensembles are the mixtures they claim to be, and their weights know nothing of the test set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from engine.analysis.ensemble import combine, fit_weights, load_members, mix_predictions, paired_gain
from engine.config import parse_config
from engine.errors import UserError
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import save_predictions
from engine.store import Conditions, Run, Store

CLASSES = 10


def member_of(seed: int, targets: np.ndarray, skill: float, start: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(len(targets), CLASSES)).astype(np.float32)
    logits[np.arange(len(targets)), targets] += skill
    return Predictions(np.arange(start, start + len(targets)), targets, logits)


def truth(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, CLASSES, count)


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


def stored(store: Store, seed: int, skill: float, *, validated: bool = True, first_val: int = 0, tests: int = 0,
           fingerprint: str = "f" * 16) -> Run:
    """A run with predictions of 400 test and 300 validation pictures."""
    run = store.runs.create(parse_config({"name": f"member {seed}"}), environment={}, git_commit=None, git_dirty=False)
    store.runs.update(run.id, dataset_fingerprint=fingerprint)
    made = {"test": member_of(seed, truth(tests, 400), skill)}
    if validated:
        made["val"] = member_of(seed + 100, truth(8, 300), skill, first_val)
    for split, predictions in made.items():
        path = run.folder / f"{split}.npz"
        store.evaluations.put(run.id, Conditions("best", split), summary(predictions), path,
                              save_predictions(path, predictions), weights="epoch-0002")
    return store.runs.get(run.id)


def test_the_mean_is_the_mean_of_softmax(store: Store) -> None:
    members = load_members(store, [stored(store, seed, 2.0) for seed in (1, 2, 3)])
    made = combine(members)
    expected = np.mean([np.exp(member.test.log_probabilities) for member in members], axis=0)
    assert np.exp(made.predictions.log_probabilities) == pytest.approx(expected, abs=1e-6)
    assert made.weights == pytest.approx([1 / 3] * 3)
    assert made.metrics["top1"] == np.mean(expected.argmax(1) == members[0].test.targets)
    assert made.gain().value == pytest.approx(made.metrics["top1"] - max(row["top1"] for row in made.of_members))
    assert made.gain().low > 0


def test_fitted_weights_have_the_least_validation_loss() -> None:
    targets = truth(5, 600)
    members = [member_of(1, targets, 3.0), member_of(2, targets, 1.0)]
    weights = fit_weights(members)
    losses = {share: log_loss(targets, np.exp(mix_predictions(members, np.array([share, 1 - share])).log_probabilities))
              for share in np.linspace(0.001, 0.999, 999)}
    assert weights[0] == pytest.approx(min(losses, key=losses.__getitem__), abs=2e-3)
    assert weights.sum() == pytest.approx(1) and 0.6 < weights[0] < 1


def test_a_worthless_member_gets_no_weight() -> None:
    targets = truth(5, 600)
    assert fit_weights([member_of(1, targets, 4.0), member_of(2, targets, -6.0)])[1] < 1e-3


def test_weights_are_fitted_on_validation_alone(store: Store) -> None:
    runs = [stored(store, 1, 3.0), stored(store, 2, 1.0)]
    members = load_members(store, runs)
    weights = combine(members, "fitted").weights
    assert weights == pytest.approx(fit_weights([member.validation for member in members if member.validation]))
    for run, seed in zip(runs, (7, 9), strict=True):  # other test predictions, of which the weights must not know
        path = run.folder / "test.npz"
        save_predictions(path, member_of(seed, truth(0, 400), 0.5))
    assert combine(load_members(store, runs), "fitted").weights == weights


def test_the_interval_is_that_of_resampled_pictures_where_there_are_many() -> None:
    targets = truth(3, 2000)
    one, other = member_of(1, targets, 1.5), member_of(2, targets, 2.0)
    found = paired_gain(one, other)
    random = np.random.default_rng(1)
    differences = [np.mean((other.predicted == targets)[rows]) - np.mean((one.predicted == targets)[rows])
                   for rows in random.integers(0, 2000, (4000, 2000))]
    assert [found.low, found.high] == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=2e-3)
    assert found.value == pytest.approx(np.mean(other.predicted == targets) - np.mean(one.predicted == targets))


def test_no_change_among_a_few_pictures_is_not_certain() -> None:
    one = member_of(1, truth(3, 100), 1.5)
    nothing = paired_gain(one, one)
    assert nothing.value == 0 and nothing.low == pytest.approx(-nothing.high) and 0.02 < nothing.high < 0.03


def test_disagreement_and_overlap_of_errors_are_counted_by_picture(store: Store) -> None:
    members = load_members(store, [stored(store, 1, 1.0), stored(store, 2, 2.0)])
    made = combine(members)
    (one, other), targets = (member.test.predicted for member in members), members[0].test.targets
    wrong = [{row for row in range(400) if said[row] != targets[row]} for said in (one, other)]
    differ = sum(one[row] != other[row] for row in range(400)) / 400
    assert made.disagreement.tolist() == [[0, differ], [differ, 0]]
    overlap = len(wrong[0] & wrong[1]) / len(wrong[0] | wrong[1])
    assert made.error_overlap == pytest.approx(np.array([[1, overlap], [overlap, 1]]))


@pytest.mark.parametrize(("odd", "weighting", "told"), [
    ({"fingerprint": "0" * 16}, "mean", "member 2 and member 1 were tested on different pictures"),
    ({"tests": 4}, "mean", "member 2 and member 1 were tested on different"),
    ({"validated": False}, "fitted", "member 2 has no stored validation predictions .* python -m engine evaluate 2"),
    ({"first_val": 50}, "fitted", "member 2 and member 1 have different validation pictures"),
])
def test_members_that_cannot_be_combined_are_named(store: Store, odd: dict[str, Any], weighting: str,
                                                   told: str) -> None:
    runs = [stored(store, 1, 2.0), stored(store, 2, 2.0, **odd)]
    with pytest.raises(UserError, match=told):
        combine(load_members(store, runs), weighting)


def test_one_run_twice_is_no_ensemble_and_an_untested_one_is_named(store: Store) -> None:
    run = stored(store, 1, 2.0)
    with pytest.raises(UserError, match="two different runs"):
        load_members(store, [run, run])
    young = store.runs.create(parse_config({"name": "young"}), environment={}, git_commit=None, git_dirty=False)
    with pytest.raises(UserError, match="young has no stored test predictions"):
        load_members(store, [run, young])


def test_boxes_are_not_averaged(home: Path) -> None:
    store = Store.open()
    runs = [store.runs.create(parse_config({"dataset": "Scenes", "seed": seed}), environment={}, git_commit=None,
                              git_dirty=False) for seed in range(2)]
    with pytest.raises(UserError, match="is a run of detection, whose predictions cannot be averaged"):
        load_members(store, runs)
