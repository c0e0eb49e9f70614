"""A ranking in words: of these sets only, what is told apart, and what cannot be shown."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine.analysis.judging.looks import Look
from engine.analysis.ranking import Ranking, header, ranking_of, rows, sentences
from engine.study.outcomes import Outcome
from engine.study.study import Study
from tests.engine.analysis.ranking.made import outcomes, study
from tests.engine.analysis.ranking.test_ranking import APART, ranked

NOISE = np.random.default_rng(1).normal(0.8, 0.01, (8, 4))
TWO = ranked(study(6, 2), outcomes(APART[:6, :2]))
CASES: dict[str, tuple[Ranking, str]] = {
    "told apart": (ranked(study(8, 4), outcomes(APART)), "a is better than c, d (Friedman p < 0.001; Nemenyi's "
                   "critical difference 1."),
    "alike": (ranked(study(8, 4), outcomes(NOISE)), "no difference between the 4 recipes is shown (Friedman p = "),
    "two": (TWO, "a is better than b (Wilcoxon signed-rank p = 0.031)"),
    "too few": (ranked(study(5, 2), outcomes(APART[:5, :2])),
                "nothing can be significant: the least p that 5 sets can give is 0.0625, and it must be below 0.04, "
                "which takes 6 sets. a has the best mean rank"),
    "awaited": (ranked(study(8, 4), outcomes(APART), Look(1, 3, {("s1", "a"): 2})),
                "a ranks first of 4 recipes so far; 2 planned runs are still to come"),
    "nothing yet": (ranked(study(8, 4), []), "no two recipes have results in the same two sets yet"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_sentence_speaks_of_these_sets_only(case: str) -> None:
    found, said = CASES[case]
    first = sentences(found)[0]
    assert first.startswith(f"On these {len(found.sets)} sets only (dataset") and said in first
    assert len(first) <= 280 and first.endswith(".")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_long_names_are_counted_rather_than_listed(language: str) -> None:
    names = [f"vit_small_patch16_224 with randaugment and mixup, number {number}" for number in range(6)]
    factors = {"dataset": [f"a-long-name-of-a-data-set-{number}" for number in range(8)], "model": names}
    made = Study.model_validate({"name": "long", "factors": factors})
    found = ranked(made, [Outcome(cell, 0, 0, {"top1": 0.9 - 0.1 * names.index(cell[1])}) for cell in made.cells])
    first = sentences(found, language)[0]
    assert len(first) <= 280 and ("more" in first if language == "en" else "외" in first) and names[0] in first


@pytest.mark.parametrize("case", CASES)
def test_korean_says_the_same_numbers(case: str) -> None:
    found, _ = CASES[case]
    english, korean = sentences(found), sentences(found, "ko")
    assert len(english) == len(korean)
    for one, other in zip(english, korean, strict=True):
        assert re.search("[가-힣]", other) and "{" not in other
        assert sorted(re.findall(r"\d+\.\d+", one)) == sorted(re.findall(r"\d+\.\d+", other))


def test_what_is_not_told_apart_from_the_first_and_what_is_left_out_is_told() -> None:
    found = ranking_of(study(8, 5), outcomes(APART))
    assert found is not None
    assert sentences(found)[1:3] == ["Not told apart from a: b.",
                                     "Left out, without a result in each of these sets: e."]


def test_sets_that_nobody_chose_are_told_with_what_overrules_them() -> None:
    assert "across: names another" in sentences(TWO)[-1]
    chosen = ranked(study(6, 2, across="dataset"), outcomes(APART[:6, :2]))
    assert not any("across" in line for line in sentences(chosen))


def test_a_row_for_each_recipe_with_its_rank_in_each_set() -> None:
    made = rows(TWO)
    assert header(TWO) == ("Recipe", "Mean rank", "IQM of Top-1", "P(first is better)", "p against the first",
                           "s1", "s2", "s3", "s4", "s5", "s6")
    assert made == [("a", "1.00", "92.86 %", "–", "–", *"111111"), ("b", "2.00", "82.86 %", "1.00", "0.031", *"222222")]
