"""The chance of the test pictures in intervals and verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import stdtrit

from engine.analysis.judging import Judgement, judge, need_text, note_text, sentence
from engine.analysis.judging.pictures import picture_error
from engine.analysis.judging.sample import CellRuns
from engine.analysis.judging.significance import fit
from engine.evaluation.by_picture import PictureValues
from engine.study.outcomes import Outcome
from tests.engine.analysis.judging.made import GAIN, study
from tests.simulate.pictures import WEIGHTS, equal_recipes


def alone(made: dict[tuple[str, ...], CellRuns]) -> dict[tuple[str, ...], CellRuns]:
    return {cell: replace(runs, by_picture=()) for cell, runs in made.items()}


@pytest.mark.parametrize("known", [True, False])
def test_the_error_is_that_of_new_pictures(known: bool) -> None:
    """With effects of ± 0.2, two recipes differ by √(2 · 0.2² / T) from test set to test set."""
    random = np.random.default_rng(3)
    found = [picture_error(WEIGHTS, equal_recipes(random, of_pictures=0.2, known=known)) for _ in range(20)]
    variance = np.mean([each.error**2 for each in found if each])
    assert variance**0.5 == pytest.approx((2 * 0.2**2 / 500) ** 0.5, rel=0.1)
    assert {each.pictures for each in found if each} == {500}


def test_without_effects_of_pictures_little_is_added() -> None:
    random = np.random.default_rng(4)
    found = [picture_error(WEIGHTS, equal_recipes(random)) for _ in range(20)]
    assert np.mean([each.error**2 for each in found if each]) < 0.3 * 2 * 0.7 * 0.3 / (5 * 500)


def test_other_test_sets_add_up() -> None:
    made = equal_recipes(np.random.default_rng(5), of_pictures=0.2)
    moved = replace(made["b",], by_picture=tuple(PictureValues("there", each.values) for each in
                                                made["b",].by_picture))
    apart = picture_error(WEIGHTS, {("a",): made["a",], ("b",): moved})
    assert apart is not None and apart.error == pytest.approx(picture_error(WEIGHTS, made).error, rel=0.2)  # type: ignore[union-attr]


def test_a_cell_without_predictions_leaves_the_pictures_fixed() -> None:
    made = equal_recipes(np.random.default_rng(6), of_pictures=0.2)
    assert picture_error(WEIGHTS, {**made, ("b",): alone(made)["b",]}) is None
    fitted, bare = fit(WEIGHTS, made), fit(WEIGHTS, alone(made))
    assert (fitted.pictures, bare.pictures) == (500, 0)
    assert fitted.error > bare.error and fitted.error**2 - fitted.picture_error**2 == pytest.approx(bare.error**2)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_counting_pictures_never_makes_an_interval_narrower(seeds: int) -> None:
    random = np.random.default_rng(9)
    for _ in range(20):
        made = equal_recipes(random, seeds=seeds, of_pictures=0.2, pictures=211)
        halves = [stdtrit(each.df, 0.975) * each.error for each in (fit(WEIGHTS, made), fit(WEIGHTS, alone(made)))]
        assert halves[0] >= halves[1] * (1 - 1e-6)


def judged(of_pictures: float, pictures: bool = True, pictures_count: int = 500, **claim: Any) -> Judgement:
    made = equal_recipes(np.random.default_rng(8), of_pictures=of_pictures, pictures=pictures_count, between=0.0)
    rows = [Outcome(({"a": "pretrained", "b": "scratch"}[cell[0]],), seed, 0, {"top1": value},
                    by_picture={"top1": of} if pictures else {})
            for cell, runs in made.items() for (seed, value), of in zip(runs.seeded.items(), runs.by_picture,
                                                                        strict=True)]
    [found] = judge(study({**GAIN, **claim}, factors={"weights": ["scratch", "pretrained"]}), rows)
    return found


def test_the_sentence_says_whether_pictures_were_counted() -> None:
    assert "Paired t over 5 seeds and 500 test pictures" in sentence(judged(0.2))
    assert "Paired t over 5 seeds, on these test pictures" in sentence(judged(0.2, pictures=False))
    assert "테스트 이미지 500장" in sentence(judged(0.2), "ko")
    assert "이 테스트 이미지에 한함" in sentence(judged(0.2, pictures=False), "ko")


def test_it_says_when_more_pictures_help_more_than_seeds() -> None:
    found = judged(0.3, pictures_count=100, margin=0.05, expect="lower")
    [contrast] = found.parts[0].contrasts
    assert contrast.picture_share > 0.5
    [note] = [note for note in found.notes if note.key == "pictures"]
    assert f"{contrast.picture_share:.0%} of the variance" in note_text(note)
    assert "test pictures alone" in " ".join(map(need_text, found.needs))
