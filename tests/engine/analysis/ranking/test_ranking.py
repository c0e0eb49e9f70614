"""Recipes ranked over sets: which, by what, and what may be said of them."""

from __future__ import annotations

from dataclasses import replace

import autorank
import numpy as np
import pandas as pd
import pytest

from engine.analysis.judging.looks import Look
from engine.analysis.ranking import Ranking, ranking_of
from engine.catalog.metrics import METRICS
from engine.study.outcomes import Outcome
from engine.study.study import Study
from tests.engine.analysis.ranking.made import outcomes, study
from tests.engine.analysis.ranking.test_ranks import SCORES

APART = np.tile([0.9, 0.8, 0.7, 0.6], (8, 1)) + np.linspace(0, 0.08, 8)[:, None]


def ranked(made: Study, found: list[Outcome], look: Look | None = None) -> Ranking:
    ranking = ranking_of(made, found, look=look)
    assert ranking is not None
    return ranking


def test_it_is_autoranks_ranking() -> None:
    table = pd.DataFrame(SCORES, columns=[*"abcd"])
    theirs = autorank.autorank(table, alpha=0.04, verbose=False, force_mode="nonparametric")
    ours = ranked(study(14, 4), outcomes(SCORES))
    assert {one.title: one.mean for one in ours.recipes} == pytest.approx(dict(theirs.rankdf["meanrank"]))
    assert ours.p == pytest.approx(theirs.pvalue) and ours.difference == pytest.approx(theirs.cd, rel=1e-4)


def test_groups_are_the_largest_that_are_not_told_apart() -> None:
    found = ranked(study(8, 4), outcomes(APART))
    assert [one.title for one in found.recipes] == ["a", "b", "c", "d"] and found.differs
    assert found.difference is not None and 1 < found.difference < 2
    assert found.groups == ((0, 1), (1, 2), (2, 3))
    assert [one.p is not None and one.p < found.alpha for one in found.recipes] == [False, False, True, True]


def test_without_a_difference_over_all_no_two_are_compared() -> None:
    found = ranked(study(6, 3), outcomes(np.random.default_rng(1).normal(0.8, 0.01, (6, 3))))
    assert not found.differs and found.groups == ((0, 2),) and {one.p for one in found.recipes} == {None}


def test_two_recipes_are_ordered_as_their_test_says() -> None:
    """``b`` wins four of eight sets, but by far."""
    scores = np.full((8, 2), 0.8)
    scores[:4, 1] += [0.1, 0.11, 0.12, 0.13]
    scores[4:, 0] += [0.001, 0.002, 0.003, 0.004]
    found = ranked(study(8, 2), outcomes(scores))
    assert [one.title for one in found.recipes] == ["b", "a"] and found.difference is None


def test_where_lower_is_better_the_lowest_is_first() -> None:
    found = ranked(study(8, 4, metric="loss"), outcomes(APART, "loss"))
    assert [one.title for one in found.recipes] == ["d", "c", "b", "a"]
    assert found.recipes[1].beaten is not None and found.recipes[1].beaten.value == 1


def test_seeds_are_averaged_for_ranks_and_all_used_for_scores() -> None:
    found = ranked(study(8, 4), outcomes(APART, seeds=4, spread=0.08))
    first, second, *_ = found.recipes
    assert first.iqm.low is not None and first.iqm.low < first.iqm.value < (first.iqm.high or 0)
    assert second.beaten is not None and 0.5 < second.beaten.value < 1


def test_means_that_only_arithmetic_tells_apart_are_equal() -> None:
    found = [Outcome((f"s{place}", recipe), seed, 0, {"top1": value}) for place in range(1, 7)
             for recipe, values in (("a", (0.1, 0.2, 0.3)), ("b", (0.3, 0.2, 0.1)))
             for seed, value in enumerate(values)]
    assert {one.ranks for one in ranked(study(6, 2), found).recipes} == {(1.5,) * 6}


def test_a_recipe_without_a_result_in_a_set_is_left_out_and_named() -> None:
    rows = [row for row in outcomes(APART) if row.cell != ("s3", "b")]
    found = ranked(study(8, 4), rows)
    assert [one.title for one in found.recipes] == ["a", "c", "d"] and found.left_out == ("b",)
    kept = ranking_of(study(8, 4), [*rows, Outcome(("s3", "b"), 0, 77, {"top1": 0.8})], kept_out={77})
    assert kept is not None and kept.left_out == ("b",)


def test_a_set_without_any_result_is_no_set_yet() -> None:
    found = ranked(study(9, 4), outcomes(APART))
    assert len(found.sets) == 8 and len(found.recipes) == 4 and not found.left_out


def test_nothing_is_tested_while_planned_runs_are_awaited() -> None:
    found = ranked(study(8, 4), outcomes(APART), Look(1, 3, {("s1", "a"): 2, ("s2", "b"): 1}))
    assert found.awaited == 3 and found.p is None and found.difference is None and not found.groups
    assert [one.mean for one in found.recipes] == [1, 2, 3, 4]


def test_a_later_look_asks_for_more() -> None:
    assert ranked(study(8, 4), outcomes(APART), Look(2, 3)).alpha == 0.005


@pytest.mark.parametrize("made", [
    study(1, 4), study(8, 1),
    Study.model_validate({"name": "no sets", "factors": {"lr": [0.1, 0.01], "model": ["a", "b"]}})])
def test_without_sets_or_recipes_there_is_no_ranking(made: Study) -> None:
    assert ranking_of(made, []) is None


def test_a_metric_that_is_neither_better_high_nor_low_ranks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "top1", replace(METRICS["top1"], higher_is_better=None))
    assert ranking_of(study(8, 4), outcomes(APART)) is None


def test_any_factor_can_be_the_sets() -> None:
    made = Study.model_validate({"name": "sizes", "across": "image_size", "factors": {
        "image_size": [32, 64], "model": ["a", "b"], "lr": [0.1, 0.01]}})
    found = ranked(made, [Outcome(cell, 0, 0, {"top1": 0.5 + 0.1 * (cell[1] == "b")}) for cell in made.cells])
    assert found.sets == ("32", "64") and found.chosen
    assert [one.title for one in found.recipes][:2] == ["b · lr 0.1", "b · lr 0.01"]


def test_before_any_result_nothing_is_ranked() -> None:
    found = ranked(study(8, 4), [])
    assert not found.recipes and found.p is None
