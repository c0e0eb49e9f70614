"""Which trained models of a study are held against each other, and what their stored predictions say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.analysis.checkpoint_pairs import CheckpointPair, checkpoint_evidence
from engine.analysis.reading import read_study
from engine.store import Store
from engine.study.study import Study
from tests.fake_studies import add_tested, run_all

DECLARED: dict[str, Any] = {
    "name": "pairs", "seeds": [0, 1], "settings": {"dataset": "Digits", "epochs": 2},
    "factors": {"augmentation": ["default", "weak"], "lr": [0.1, 0.01]},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["weak", "default"]},
                    "each": ["lr"]}]}


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


def _evidence(store: Store, study: Study) -> list[CheckpointPair]:
    return checkpoint_evidence(store, read_study(store, study))


def test_a_pair_is_of_one_seed_from_what_is_subtracted_to_the_other(store: Store) -> None:
    study = Study.model_validate(DECLARED)
    runs = run_all(store, study, {("default", "0.1"): (40, 50), ("weak", "0.1"): (10, 20), ("weak", "0.01"): (5, 5)})
    first, second = _evidence(store, study)
    assert (first.before, first.after, first.seed) == (runs[0], runs[2], 0)
    assert (second.before, second.after, second.seed) == (runs[1], runs[3], 1)
    assert (first.found.fixed, first.found.broken, first.found.both_wrong) == (30, 0, 10)
    assert first.found.gain.value == pytest.approx(30 / 360)
    assert first.title == "weak · 0.1 − default · 0.1"


def test_what_two_hypotheses_compare_is_compared_once(store: Store) -> None:
    twice = Study.model_validate(DECLARED | {"hypotheses": [
        *DECLARED["hypotheses"], {**DECLARED["hypotheses"][0], "name": "H2", "expect": "lower"}]})
    run_all(store, twice, {("default", "0.1"): (40,), ("weak", "0.1"): (10,)})
    assert len(_evidence(store, twice)) == 1


def test_a_mean_over_other_factors_is_compared_at_each_of_their_levels(store: Store) -> None:
    study = Study.model_validate(DECLARED | {"hypotheses": [
        {"name": "H1", "kind": "difference", "between": {"augmentation": ["weak", "default"]}}]})
    run_all(store, study, {cell: (10 * place + 10,) for place, cell in enumerate(study.cells)})
    assert [pair.title for pair in _evidence(store, study)] == ["weak · 0.1 − default · 0.1",
                                                                "weak · 0.01 − default · 0.01"]


def test_a_slope_compares_no_two_checkpoints(store: Store) -> None:
    study = Study.model_validate(DECLARED | {
        "factors": {"augmentation": ["default", "weak"], "lr": [0.1, 0.05, 0.01]},
        "hypotheses": [{"name": "H1", "kind": "trend", "over": "lr"}]})
    run_all(store, study, dict.fromkeys(study.cells, (40,)))
    assert _evidence(store, study) == []


def test_a_difference_in_differences_compares_no_two_checkpoints(store: Store) -> None:
    study = Study.model_validate(DECLARED | {"hypotheses": [
        {"name": "H1", "kind": "interaction", "between": {"augmentation": ["weak", "default"]},
         "change": {"lr": ["0.1", "0.01"]}}]})
    run_all(store, study, dict.fromkeys(study.cells, (40, 30)))
    assert _evidence(store, study) == []


def test_predictions_that_are_gone_are_left_out(store: Store) -> None:
    study = Study.model_validate(DECLARED)
    run = add_tested(store, study, ("default", "0.1"), 0, 40)
    add_tested(store, study, ("weak", "0.1"), 0, 10)
    (run.folder / "best.npz").unlink()
    assert _evidence(store, study) == []
