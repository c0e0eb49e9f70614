"""Studies of recipes that do not differ: how often a difference, an order, a best or an equality is claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from engine.analysis.judging import Judgement, Verdict, judge, sentence
from engine.analysis.judging.looks import Look
from engine.analysis.judging.sensitivity import with_variants
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from tests.engine.analysis.judging.made import GAIN, study
from tests.simulate.scenario import Count, Scenario

TRUTH = 0.7
TWO = {"weights": ["scratch", "pretrained"]}
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


def null_studies(design: str, random: np.random.Generator, studies: int) -> Iterator[list[Judgement]]:
    """Yield the judgements of studies without any difference."""
    seeds, known, wider, between = DESIGNS[design]
    for _ in range(studies):
        shift = random.normal(size=8) * between
        yield judge(STUDY, [
            Outcome(cell, seed if known else None, 0, {"top1": TRUTH + 0.01 * (
                (shift[seed] if known else 0.0) + random.normal() * (wider if cell[1] == "pretrained" else 1.0))})
            for cell in STUDY.cells for seed in seeds(cell)])


def _claimed(design: str, scale: str, random: np.random.Generator, studies: int) -> Count:
    return Count(sum(any(getattr(judgement, scale) is not Verdict.INCONCLUSIVE for judgement in judgements)
                     for judgements in null_studies(design, random, studies)), studies)


def _stopped(one_by_one: bool, random: np.random.Generator, studies: int) -> Count:
    """Add one seed at a time, up to twenty, or as many as the verdict asks for, four times, until something shows."""
    same, claims = study(GAIN, factors=TWO), 0
    for _ in range(studies):
        values = TRUTH + 0.01 * random.normal(size=(2, 100))
        seeds = 3
        for look in range(1, 19 if one_by_one else 6):
            [judgement] = judge(same, _rows(values[:, :seeds]), look=Look(look, seeds))
            if judgement.verdict is not Verdict.INCONCLUSIVE:
                claims += 1
                break
            asked = max((need.seeds or 0 for need in judgement.needs), default=0)
            if not one_by_one and not asked:
                break
            seeds = min(seeds + (1 if one_by_one else asked), 100)
    return Count(claims, studies)


def _best(known: bool, rivals: int, random: np.random.Generator, studies: int) -> Count:
    """Declare as best what looks best."""
    cells = [(str(number),) for number in range(rivals)]
    claims = [study({"kind": "best", "best": {"cell": label}}, factors={"cell": {each: {"lr": 1} for each, in cells}})
              for label, in cells]
    bold = 0
    for _ in range(studies):
        values = TRUTH + 0.01 * random.normal(size=(rivals, 3))
        rows = [Outcome(cell, seed if known else None, 0, {"top1": float(values[place, seed])})
                for place, cell in enumerate(cells) for seed in range(3)]
        bold += judge(claims[int(values.mean(axis=1).argmax())], rows)[0].verdict is Verdict.SUPPORTED
    return Count(bold, studies)


def _equal_on_the_margin(scale: str, random: np.random.Generator, studies: int) -> Count:
    """The difference is exactly the margin, as is the ratio."""
    ratio = (TRUTH + 0.02) / TRUTH
    same = study({**GAIN, "expect": "none", "margin": 0.02, "ratio_margin": ratio}, factors=TWO)
    claims = 0
    for _ in range(studies):
        values = TRUTH + np.array([[0.0], [0.02]]) + 0.01 * random.normal(size=(2, 4))
        claims += getattr(judge(same, _rows(values))[0], scale) is Verdict.SUPPORTED
    return Count(claims, studies)


def _turned_unsaid(random: np.random.Generator, studies: int) -> Count:
    """Count verdicts that only excluding collapsed runs makes, and that do not begin with that.

    A recipe of 90 % collapses to 50 % in 15 % of its seeds, which the doctor excludes; its rival stays at 88 %.
    """
    made, look, unsaid, turned = study(GAIN, factors=TWO), Look(), 0, 0
    for _ in range(studies):
        values = np.array([[0.88], [0.90]]) + 0.005 * random.normal(size=(2, 5))
        collapsed = random.random(5) < 0.15
        values[1, collapsed] = 0.5
        rows = [Outcome(row.cell, row.seed, number, row.metrics) for number, row in enumerate(_rows(values))]
        out = [number for number, row in enumerate(rows) if row.metrics["top1"] < 0.6]
        [judgement] = with_variants(judge(made, rows, out, look), made, rows, out, look)
        if judgement.verdict is not judge(made, rows, (), look)[0].verdict:
            turned += 1
            unsaid += " only without the excluded runs" not in sentence(judgement)
    return Count(unsaid, turned)


def _rows(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[Outcome]:
    return [Outcome((label,), seed, 0, {"top1": float(value)})
            for label, row in zip(TWO["weights"], values, strict=True) for seed, value in enumerate(row)]


SCENARIOS = [
    *(Scenario(f"a wrong claim in a study of four hypotheses, {design}, as a {word}", 0.0, 0.05, 2000,
               partial(_claimed, design, scale))
      for design in DESIGNS for scale, word in (("verdict", "difference"), ("relative_verdict", "ratio"))),
    Scenario("a wrong claim by adding one seed at a time until something shows", 0.0, 0.055, 1000,
             partial(_stopped, True)),
    Scenario("a wrong claim by adding what the verdict asks for, four times", 0.0, 0.055, 1000,
             partial(_stopped, False)),
    *(Scenario(f"what looks best of {rivals} equal recipes is called best, {'shared' if known else 'unknown'} seeds",
               0.0, 0.05, 1000, partial(_best, known, rivals)) for rivals in (2, 3, 6) for known in (True, False)),
    *(Scenario(f"equality is claimed of a {word} that is exactly the margin", 0.0, 0.05, 2000,
               partial(_equal_on_the_margin, scale))
      for scale, word in (("verdict", "difference"), ("relative_verdict", "ratio"))),
    Scenario("a verdict that only excluding collapsed seeds makes does not say so first", 0.0, 0.0, 500,
             _turned_unsaid),
]
