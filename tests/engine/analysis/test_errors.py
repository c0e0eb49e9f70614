"""Every picture is in exactly one group, and classes and cells add up to what the two confusions say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from engine.analysis.errors import compare_errors
from engine.errors import UserError
from engine.evaluation.metrics import Predictions
from engine.evaluation.results import Results
from engine.store import Conditions, Evaluation

CLASSES = ("ant", "bee", "cat")


def results(predicted: NDArray[np.int64], targets: NDArray[np.int64], seed: int = 0) -> Results:
    logits = np.random.default_rng(seed).random((len(targets), 3)).astype(np.float32)
    logits[np.arange(len(targets)), predicted] += 2
    evaluation = Evaluation(1, Conditions(), {}, Path(), "", 0.0)
    return Results(CLASSES, Predictions(np.arange(len(targets)), targets, logits), evaluation)


def pair(count: int = 400) -> tuple[Results, Results]:
    random = np.random.default_rng(5)
    targets = random.integers(0, 3, count)
    a, b = (np.where(random.random(count) < share, targets, random.integers(0, 3, count)) for share in (0.4, 0.6))
    return results(a, targets, 1), results(b, targets, 2)


def test_every_picture_is_in_one_group() -> None:
    a, b = pair()
    made = compare_errors(a, b)
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    assert set(made.fixed) == set(np.flatnonzero(~right_a & right_b))
    assert set(made.broken) == set(np.flatnonzero(right_a & ~right_b))
    assert set(made.both_wrong) == set(np.flatnonzero(~right_a & ~right_b))
    assert made.same_mistake == sum(a.predicted[row] == b.predicted[row] for row in made.both_wrong)
    assert list(a.confidence[made.fixed]) == sorted(a.confidence[made.fixed], reverse=True)


def test_classes_moved_by_their_recall_with_holms_p() -> None:
    made = compare_errors(*pair())
    before, after = (each.confusion.diagonal() / each.confusion.sum(axis=1) for each in (made.a, made.b))
    rows = {row.group: row for row in made.changes()}
    assert [rows[name].change for name in CLASSES] == pytest.approx(list(after - before))
    changes = [abs(row.change) for row in made.changes()]
    assert changes == sorted(changes, reverse=True)
    fixed, broken = (np.bincount(made.b.targets[group], minlength=3) for group in (made.fixed, made.broken))
    plain = [mcnemar([[0, right], [wrong, 0]], exact=True).pvalue for right, wrong in zip(fixed, broken, strict=True)]
    assert [rows[name].p for name in CLASSES] == pytest.approx(list(multipletests(plain, method="holm")[1]))


def test_a_cells_difference_is_of_the_pictures_it_shows() -> None:
    made = compare_errors(*pair())
    for true in range(3):
        for predicted in range(3):
            shown = made.cell(true, predicted)
            gained = (made.b.predicted[shown] == predicted).sum()
            assert made.confusion_difference[true, predicted] == gained - (len(shown) - gained)


def test_other_way_round_everything_is_negated() -> None:
    a, b = pair()
    forth, back = compare_errors(a, b), compare_errors(b, a)
    assert set(forth.fixed) == set(back.broken) and set(forth.both_wrong) == set(back.both_wrong)
    assert (forth.confusion_difference == -back.confusion_difference).all()


def test_a_class_without_pictures_does_not_move() -> None:
    targets = np.zeros(20, np.int64)
    made = compare_errors(results(targets, targets), results(targets + 1, targets))
    moved, = made.changes()
    assert (moved.group, moved.change) == ("ant", -1)


def test_other_pictures_are_refused() -> None:
    a, b = pair(400)[0], pair(300)[1]
    with pytest.raises(UserError, match="tested on different pictures"):
        compare_errors(a, b)
