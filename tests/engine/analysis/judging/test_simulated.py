"""Two thousand studies without any difference: a wrong claim in 5 % of them at most, and intervals that cover."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy import stats

from engine.analysis.judging import Judgement, Verdict, judge
from engine.analysis.judging.looks import Look
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from tests.engine.analysis.judging.made import GAIN, study

STUDIES = 2000
TRUTH = 0.7
STUDY = study(*({**GAIN, "at": {"model": model}} for model in "ab"),
              {"kind": "interaction", "between": GAIN["between"], "change": {"model": ["b", "c"]}},
              {"kind": "ordering", "order": {"model": ["a", "b", "c"]}})
Seeds = Callable[[CellKey], range]

DESIGNS: dict[str, tuple[Seeds, bool, float, float]] = {
    # seeds of a cell, whether they are known, spread of pretrained over that of scratch, spread between seeds
    "paired": (lambda cell: range(3), True, 3.0, 1.0),
    "mixed": (lambda cell: range(2 if cell == ("b", "pretrained") else 4), True, 1.0, 1.0),
    "mixed without an effect of the seed": (lambda cell: range("abc".index(cell[0]), 4), True, 1.0, 0.0),
    "welch": (lambda cell: range(3), False, 3.0, 1.0),
    "welch of unequal repeats": (lambda cell: range(3 if cell[1] == "pretrained" else 6), False, 2.0, 0.0),
}


def null_studies(design: str) -> Iterator[list[Judgement]]:
    seeds, known, wider, between = DESIGNS[design]
    random = np.random.default_rng(11)
    for _ in range(STUDIES):
        shift = random.normal(size=8) * between
        yield judge(STUDY, [
            Outcome(cell, seed if known else None, 0, {"top1": TRUTH + 0.01 * (
                (shift[seed] if known else 0.0) + random.normal() * (wider if cell[1] == "pretrained" else 1.0))})
            for cell in STUDY.cells for seed in seeds(cell)])


def no_more_than(share: float, hits: int, of: int = STUDIES) -> bool:
    """Whether so many could well come of a probability no larger than this."""
    return bool(stats.binomtest(hits, of, share, alternative="greater").pvalue > 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_wrong_claims_stay_rare_and_intervals_cover(design: str) -> None:
    claims = relative = alone = missed = intervals = 0
    for judgements in null_studies(design):
        contrasts = [contrast for judgement in judgements for part in judgement.parts for contrast in part.contrasts]
        assert {contrast.test for contrast in contrasts} & {design.split()[0]}
        claims += any(judgement.verdict is not Verdict.INCONCLUSIVE for judgement in judgements)
        relative += any(judgement.relative_verdict is not Verdict.INCONCLUSIVE for judgement in judgements)
        found = [contrast.absolute for contrast in contrasts if contrast.absolute and contrast.absolute.p is not None]
        alone += any(each.p is not None and each.p < 0.05 for each in found)
        intervals += len(found)
        missed += sum(not (each.low or 0.0) <= 0 <= (each.high or 0.0) for each in found)
    assert no_more_than(0.05, claims) and no_more_than(0.05, relative)
    assert alone > 1.5 * claims, "the correction must have something to correct"
    assert claims > 0, "a test that never claims anything is no test"
    assert missed / intervals < 0.055


@pytest.mark.slow
@pytest.mark.parametrize("one_by_one", [True, False])
def test_adding_seeds_until_something_shows_claims_no_more(one_by_one: bool) -> None:
    """Either one seed at a time up to twenty, or as many as the verdict asks for, four times."""
    same = study(GAIN, factors={"weights": ["scratch", "pretrained"]})
    random = np.random.default_rng(12)
    claims = 0
    for _ in range(STUDIES // 2):
        values = TRUTH + 0.01 * random.normal(size=(2, 60))
        seeds = 3
        for look in range(1, 19 if one_by_one else 6):
            rows = [Outcome((label,), seed, 0, {"top1": float(values[place, seed])})
                    for place, label in enumerate(("scratch", "pretrained")) for seed in range(seeds)]
            [judgement] = judge(same, rows, look=Look(look, seeds))
            if judgement.verdict is not Verdict.INCONCLUSIVE:
                claims += 1
                break
            asked = max((need.seeds or 0 for need in judgement.needs), default=0)
            if not one_by_one and not asked:
                break
            seeds = min(seeds + (1 if one_by_one else asked), 60)
    assert no_more_than(0.05, claims, STUDIES // 2) and claims > 0.01 * STUDIES


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("rivals", [2, 3, 6])
def test_the_best_of_what_was_seen_is_rarely_proven_where_all_are_alike(known: bool, rivals: int) -> None:
    random = np.random.default_rng(5)
    cells = [(str(number),) for number in range(rivals)]
    claims = [study({"kind": "best", "best": {"cell": label}}, factors={"cell": {each: {"lr": 1} for each, in cells}})
              for label, in cells]
    bold = 0
    for _ in range(STUDIES):
        values = TRUTH + 0.01 * random.normal(size=(rivals, 3))
        rows = [Outcome(cell, seed if known else None, 0, {"top1": float(values[place, seed])})
                for place, cell in enumerate(cells) for seed in range(3)]
        bold += judge(claims[int(values.mean(axis=1).argmax())], rows)[0].verdict is Verdict.SUPPORTED
    assert no_more_than(0.05, bold)


@pytest.mark.slow
def test_equality_is_claimed_of_what_lies_on_the_margin_no_more_than_one_time_in_twenty() -> None:
    same = study({**GAIN, "expect": "none", "margin": 0.02}, factors={"weights": ["scratch", "pretrained"]})
    random = np.random.default_rng(6)
    claims = 0
    for _ in range(STUDIES):
        rows = [Outcome((label,), seed, 0, {"top1": TRUTH + 0.02 * (label == "pretrained") + 0.01 * random.normal()})
                for label in ("scratch", "pretrained") for seed in range(4)]
        claims += judge(same, rows)[0].verdict is Verdict.SUPPORTED
    assert no_more_than(0.05, claims) and claims > 0.01 * STUDIES
