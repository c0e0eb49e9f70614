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

WEIGHTS = {("a",): 1.0, ("b",): -1.0}


def cells(random: np.random.Generator, *, seeds: int = 5, pictures: int = 500, of_pictures: float = 0.0,
          known: bool = True, between: float = 0.01) -> dict[tuple[str, ...], CellRuns]:
    """Two recipes that are equal in the population, each with pictures that are hard for it."""
    made = {}
    for number, cell in enumerate(WEIGHTS):
        chance = 0.7 + of_pictures * random.choice([-1, 1], size=pictures)
        runs = [(random.random(pictures) < chance + random.normal() * between).astype(np.float32)
                for _ in range(seeds)]
        own = range(seeds) if known else range(seeds * number, seeds * (number + 1))
        made[cell] = CellRuns({seed: float(run.mean()) for seed, run in zip(own, runs, strict=True)},
                              by_picture=tuple(PictureValues("here", run) for run in runs))
    return made


def alone(made: dict[tuple[str, ...], CellRuns]) -> dict[tuple[str, ...], CellRuns]:
    return {cell: replace(runs, by_picture=()) for cell, runs in made.items()}


@pytest.mark.parametrize("known", [True, False])
def test_the_error_is_that_of_new_pictures(known: bool) -> None:
    """With effects of ± 0.2, two recipes differ by √(2 · 0.2² / T) from test set to test set."""
    random = np.random.default_rng(3)
    found = [picture_error(WEIGHTS, cells(random, of_pictures=0.2, known=known)) for _ in range(20)]
    variance = np.mean([each.error**2 for each in found if each])
    assert variance**0.5 == pytest.approx((2 * 0.2**2 / 500) ** 0.5, rel=0.1)
    assert {each.pictures for each in found if each} == {500}


def test_without_effects_of_pictures_little_is_added() -> None:
    random = np.random.default_rng(4)
    found = [picture_error(WEIGHTS, cells(random)) for _ in range(20)]
    assert np.mean([each.error**2 for each in found if each]) < 0.3 * 2 * 0.7 * 0.3 / (5 * 500)


def test_other_test_sets_add_up() -> None:
    made = cells(np.random.default_rng(5), of_pictures=0.2)
    moved = replace(made["b",], by_picture=tuple(PictureValues("there", each.values) for each in
                                                made["b",].by_picture))
    apart = picture_error(WEIGHTS, {("a",): made["a",], ("b",): moved})
    assert apart is not None and apart.error == pytest.approx(picture_error(WEIGHTS, made).error, rel=0.2)  # type: ignore[union-attr]


def test_a_cell_without_predictions_leaves_the_pictures_fixed() -> None:
    made = cells(np.random.default_rng(6), of_pictures=0.2)
    assert picture_error(WEIGHTS, {**made, ("b",): alone(made)["b",]}) is None
    fitted, bare = fit(WEIGHTS, made), fit(WEIGHTS, alone(made))
    assert (fitted.pictures, bare.pictures) == (500, 0)
    assert fitted.error > bare.error and fitted.seed_error == pytest.approx(bare.error)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_counting_pictures_never_makes_an_interval_narrower(seeds: int) -> None:
    random = np.random.default_rng(9)
    for _ in range(20):
        made = cells(random, seeds=seeds, of_pictures=0.2, pictures=200)
        halves = [stdtrit(each.df, 0.975) * each.error for each in (fit(WEIGHTS, made), fit(WEIGHTS, alone(made)))]
        assert halves[0] >= halves[1] * (1 - 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("of_pictures", [0.0, 0.2])
@pytest.mark.parametrize("seeds", [3, 10])
def test_intervals_cover_new_seeds_and_pictures(seeds: int, of_pictures: float, known: bool) -> None:
    random, covered, claimed_alone = np.random.default_rng(7), 0, 0
    for _ in range(400):
        made = cells(random, seeds=seeds, of_pictures=of_pictures, known=known, between=0.003)
        fitted, bare = fit(WEIGHTS, made), fit(WEIGHTS, alone(made))
        covered += abs(fitted.value or 0) <= stdtrit(fitted.df, 0.975) * fitted.error
        claimed_alone += abs(bare.value or 0) > stdtrit(bare.df, 0.975) * bare.error
    assert 0.925 < covered / 400 < 0.999
    if of_pictures and seeds == 10:
        assert claimed_alone / 400 > 0.15, "seeds alone must err, or this test shows nothing"


def judged(of_pictures: float, pictures: bool = True, pictures_count: int = 500, **claim: Any) -> Judgement:
    made = cells(np.random.default_rng(8), of_pictures=of_pictures, pictures=pictures_count, between=0.0)
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
