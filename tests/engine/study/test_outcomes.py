"""What finished runs came to, also by metrics that are younger than their tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from engine.analysis.judging import judge, note_text
from engine.analysis.tables import specs_of, table
from engine.evaluation.predictions import load_predictions
from engine.store import Run, Store
from engine.study.matrix import matrix
from engine.study.outcomes import outcomes, with_metrics
from engine.study.study import Study
from tests.engine.study.conftest import DECLARED
from tests.fake_studies import add_tested

CELL = ("weak", "64")


def older(store: Store, run: Run) -> Run:
    """The run as if it had been tested before some metrics were known."""
    test = store.evaluations.of(run.id)[0]
    known = {key: value for key, value in test.metrics.items() if key not in ("kappa", "balanced_accuracy")}
    store.evaluations.put(run.id, test.conditions, known, test.predictions, test.sha256)
    return store.runs.get(run.id)


def asking(**more: Any) -> Study:
    return Study.model_validate(DECLARED | more)


@pytest.fixture
def run(store: Store, study: Study) -> Run:
    return older(store, add_tested(store, study, CELL, 0, 9))


def test_a_metric_that_the_test_lacks_is_computed_of_the_stored_predictions_if_the_study_names_it(
        store: Store, run: Run) -> None:
    said = load_predictions(store.evaluations.of(run.id)[0].predictions)
    kappa = pytest.approx(cohen_kappa_score(said.targets, said.predicted))
    hypothesis = {**DECLARED["hypotheses"][0], "metric": "kappa"}
    for study in (asking(metric="kappa"), asking(hypotheses=[hypothesis]), asking(tables=[{"metrics": ["kappa"]}])):
        assert study.metrics_named == {study.metric, "kappa"}
        [found] = outcomes(store, study)
        assert found.metrics["kappa"] == kappa and "balanced_accuracy" not in found.metrics
    [found] = with_metrics(store, outcomes(store, asking()), ["balanced_accuracy"])
    assert found.metrics["balanced_accuracy"] == pytest.approx(np.mean(
        [(said.predicted[said.targets == label] == label).mean() for label in range(10)]))
    assert "kappa" not in found.metrics and run.figure("kappa") is None


def test_where_the_predictions_are_gone_table_and_verdict_say_so(store: Store, run: Run) -> None:
    study = asking(metric="kappa", tables=[{"rows": ["augmentation"], "metrics": ["kappa", "top1"]}])
    store.evaluations.of(run.id)[0].predictions.unlink()
    found = outcomes(store, study)
    assert "kappa" not in found[0].metrics and found[0].metrics["top1"] == pytest.approx(1 - 9 / 360)
    notes = table(study, specs_of(study)[0], found).notes
    assert "Cohen's kappa of 1 finished runs is unknown: python -m engine evaluate RUN measures it again." in notes
    assert not [note for note in notes if "Top-1" in note]
    [judgement] = judge(study, found)
    assert note_text(judgement.notes[0]).startswith("Runs without a finite value of this metric: 1.")


def test_nothing_is_read_again_where_nothing_is_lacking(store: Store, study: Study,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    add_tested(store, study, CELL, 0, 9)
    monkeypatch.delattr("engine.study.outcomes.recompute_metric")
    [found] = outcomes(store, asking(metric="kappa"))
    assert 0.9 < found.metrics["kappa"] < 1 and matrix(store, study).counts["done"] == 1
