"""Results are the stored predictions, cut in the ways the page needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config import parse_config
from engine.errors import UserError
from engine.evaluation.calibration import fit_temperature
from engine.evaluation.metrics import Predictions, summary
from engine.evaluation.predictions import load_predictions, save_predictions
from engine.evaluation.results import Results, load_results, load_temperature
from engine.store import Conditions, Run, Store
from engine.words import percent


def stored(store: Store, seed: int = 0) -> tuple[Run, Predictions]:
    random = np.random.default_rng(seed)
    targets = random.integers(0, 10, 300)
    logits = random.normal(size=(300, 10)).astype(np.float32)
    logits[np.arange(300), targets] += 1.0
    predictions = Predictions(np.arange(300), targets, logits)
    run = store.runs.create(parse_config({}), environment={}, git_commit=None, git_dirty=False)
    path = run.folder / "predictions-best-test.npz"
    store.evaluations.add(run.id, "best", "test", summary(predictions), path, save_predictions(path, predictions))
    return run, predictions


@pytest.fixture
def results(home: Path) -> Results:
    store = Store.open()
    return load_results(store, stored(store)[0])


def test_metrics_come_from_the_stored_predictions(results: Results) -> None:
    assert results.metrics["top1"] == np.mean(results.targets == results.predicted)
    assert results.metrics["macro_recall"] == pytest.approx(np.mean([row["recall"] for row in results.per_class]))
    assert sum(row["support"] for row in results.per_class) == 300
    weighted = sum(row["loss"] * row["support"] for row in results.per_class) / 300
    assert weighted == pytest.approx(results.metrics["loss"])


def test_leaked_pictures_are_left_out_beside_the_figures_with_all(results: Results) -> None:
    leaked = replace(results, leaked=frozenset(range(30)))
    assert leaked.metrics == results.metrics and results.without_leaks is None
    assert leaked.without_leaks is not None
    right = results.targets == results.predicted
    assert leaked.without_leaks.metrics["top1"] == np.mean(right[30:])
    assert leaked.leak_remarks[-1] == (
        f"30 of 300 test pictures are among the training pictures: test accuracy is {percent(right.mean())} on all "
        f"300, and {percent(right[30:].mean())} on the 270 others")


def test_a_cell_is_exactly_its_pictures(results: Results) -> None:
    seen = [results.cell(true, predicted) for true in range(10) for predicted in range(10)]
    assert [len(rows) for rows in seen] == results.confusion.ravel().tolist()
    assert sorted(np.concatenate(seen)) == list(range(300))
    rows = results.cell(3, 4)
    assert (results.targets[rows] == 3).all() and (results.predicted[rows] == 4).all()


def test_misclassified_are_sorted_and_filtered(results: Results) -> None:
    rows = results.misclassified("loss", true=2)
    assert (results.targets[rows] == 2).all() and (results.predicted[rows] != 2).all()
    assert (np.diff(results.losses[rows]) <= 0).all()
    everything = results.misclassified()
    assert (np.diff(results.confidence[everything]) <= 0).all()
    assert len(everything) == (results.targets != results.predicted).sum() > 50


def test_the_most_confused_pairs_are_the_largest_cells_off_the_diagonal(results: Results) -> None:
    pairs = results.most_confused(5)
    off = results.confusion - np.diag(results.confusion.diagonal())
    assert [pair.pictures for pair in pairs] == sorted(off.ravel())[::-1][:5]
    first = pairs[0]
    assert first.share == first.pictures / results.confusion[first.true].sum()


def test_a_temperature_is_fitted_on_the_same_weights_or_not_at_all(home: Path) -> None:
    store = Store.open()
    run, _ = stored(store)
    validation = run.folder / "validation.npz"
    digest = save_predictions(validation, stored(store, 1)[1])
    assert load_temperature(store, run, Conditions()) is None
    store.evaluations.put(run.id, Conditions(split="val"), {}, validation, digest, weights="epoch-0009")
    assert load_temperature(store, run, Conditions()) is None
    store.evaluations.put(run.id, Conditions(split="val"), {}, validation, digest)
    found = load_temperature(store, run, Conditions())
    assert found == fit_temperature(load_predictions(validation)) and found.determined
    before = load_results(store, run)
    after = before.at_temperature(found.value)
    assert after.metrics["top1"] == before.metrics["top1"] and after.metrics["loss"] != before.metrics["loss"]
    assert load_results(store, run, Conditions(split="val")).split == "val"


def test_the_asked_test_of_the_best_checkpoint_is_shown_unless_another_is_asked_for(home: Path) -> None:
    store = Store.open()
    run, _ = stored(store)
    path = run.folder / "predictions-best-test.npz"
    for conditions, asked in ((Conditions("epoch-0001"), True), (Conditions(tta="flip"), False),
                              (Conditions("best", "val"), True), (Conditions("last"), True)):
        store.evaluations.put(run.id, conditions, {}, path, "x", asked=asked)
    assert load_results(store, run).evaluation.conditions == Conditions()
    assert load_results(store, run, Conditions("last")).checkpoint == "last"
    with pytest.raises(UserError, match="has no evaluation under these conditions"):
        load_results(store, run, Conditions("epoch-0002"))


def test_a_run_without_results_says_when_there_will_be_some(home: Path) -> None:
    store = Store.open()
    run = store.runs.create(parse_config({"name": "young"}), environment={}, git_commit=None, git_dirty=False)
    with pytest.raises(UserError, match="young: has no results yet"):
        load_results(store, run)


def test_reading_results_imports_no_torch(home: Path) -> None:
    import subprocess
    import sys

    code = "import sys, engine.evaluation.requests, engine.analysis.ensemble, engine.analysis.compare; " \
           "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
