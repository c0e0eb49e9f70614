"""Balanced accuracy as the score: what it is, what it chooses, and where it is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics as sklearn

from engine.cli.main import DONE, main
from engine.config import parse_config
from engine.data import load_dataset
from engine.errors import ConfigError
from engine.evaluation.results import load_results
from engine.launch import create_foreground
from engine.runner.main import train_run
from engine.store import Run, Store
from engine.training.classification import mean_recall
from tests.app_tests import assert_calm, open_page, shown


@pytest.fixture
def unequal(home: Path) -> Path:
    """Digits 0 and 1, with twenty pictures of 0 for each of 1."""
    digits = load_dataset("Digits")
    images, targets = np.asarray(digits.train_images), digits.train_targets
    chosen = np.concatenate([np.flatnonzero(targets == 0)[:100], np.flatnonzero(targets == 1)[:5]])
    tested = np.flatnonzero(digits.test_targets < 2)
    place = home / "unequal"
    place.mkdir()
    np.savez(place / "all.npz", x_train=images[chosen], y_train=targets[chosen],
             x_test=np.asarray(digits.test_images)[tested], y_test=digits.test_targets[tested])
    return place


def train(place: Path, **options: Any) -> Run:
    run = create_foreground(Store.open(), parse_config({
        "dataset": "npy", "data_path": str(place), "epochs": 3, "batch_size": 16, "val_fraction": 0.3, "name": "it",
        "score": "balanced accuracy", **options}))
    assert train_run(run.id) == 0, Store.open().runs.get(run.id).error
    return Store.open().runs.get(run.id)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    targets, predicted = random.choice([0, 1, 3], 50, p=[0.8, 0.15, 0.05]), random.integers(0, 5, 50)
    found = mean_recall(torch.from_numpy(targets), torch.from_numpy(predicted))
    present = np.isin(predicted, targets)  # scikit-learn warns of classes that are only predicted
    expected = np.mean([(predicted[targets == label] == label).mean() for label in np.unique(targets)])
    assert found == pytest.approx(expected)
    assert not present.all() or found == pytest.approx(sklearn.balanced_accuracy_score(targets, predicted))


def test_the_best_checkpoint_is_the_one_it_chooses_and_runs_are_ranked_by_it(unequal: Path) -> None:
    run = train(unequal, epochs=5)
    store = Store.open()
    curve = store.metrics.since(run.id, "val_balanced_accuracy", -1)[1]
    assert run.score_name == "balanced accuracy" and run.best_val_score == max(curve)
    [best] = {found.epoch for found in store.evaluations.of(run.id) if found.checkpoint == "best"}
    assert curve[best - 1] == max(curve)
    assert run.test_score == pytest.approx(load_results(store, run).metrics["balanced_accuracy"])
    usual = train(unequal, score="usual", name="usual")
    assert usual.score_name == "accuracy" and usual.test_score == usual.test_accuracy


def test_early_stopping_and_its_reason_follow_it(unequal: Path) -> None:
    run = train(unequal, epochs=20, early_stopping=1, min_gain=0.9)
    assert run.epoch == 2
    assert "validation balanced accuracy has not risen by more than 90 points for 1 epoch" in run.resolved["notes"][-1]


def test_tasks_that_have_no_such_score_refuse_it() -> None:
    with pytest.raises(ConfigError, match=r"score: 'micro mAP'.*a score for classification.*usual, balanced accuracy"):
        parse_config({"dataset": "Digits", "score": "micro mAP"})
    with pytest.raises(ConfigError, match="a score for multi-label"):
        parse_config({"dataset": "DigitGroups", "score": "balanced accuracy"})
    assert parse_config({"dataset": "Scenes", "score": "balanced accuracy"}).score == "usual"
    assert parse_config({"dataset": "DigitGroups", "score": "micro mAP"}).score == "micro mAP"


def test_training_pictures_of_each_class_stand_beside_results(
        unequal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = train(unequal, epochs=1)
    capsys.readouterr()
    assert main(["evaluate", str(run.id)]) == DONE
    assert "Training pictures of each class, 23.3 to 1: 0 70, 1 3." in capsys.readouterr().err
    assert main(["evaluate", str(run.id), "--json"]) == DONE
    rows = json.loads(capsys.readouterr().out)[0]["per_class"]
    assert [row["train_pictures"] for row in rows] == [70, 3]
    page = open_page("results", run=str(run.id))
    assert_calm(page)
    assert "Training pictures of each class, 23.3 to 1" in shown(page)
    assert any("Trained on" in table.value.columns for table in page.dataframe)
    for name in ("runs", "run", "live"):
        assert_calm(open_page(name, run=str(run.id)))
