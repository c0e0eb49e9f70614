"""Two recipes that are equal in the population of pictures, each with pictures that are hard for it."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.special import stdtrit

from engine.analysis.judging.sample import CellRuns
from engine.analysis.judging.significance import fit
from engine.evaluation.by_picture import PictureValues
from tests.simulate.scenario import Count, Scenario

WEIGHTS = {("a",): 1.0, ("b",): -1.0}


def equal_recipes(random: np.random.Generator, *, seeds: int = 5, pictures: int = 500, of_pictures: float = 0.0,
                  known: bool = True, between: float = 0.01) -> dict[tuple[str, ...], CellRuns]:
    """Args: ``of_pictures``: how much easier or harder a picture is for a recipe; ``between``: spread of seeds."""
    made = {}
    for number, cell in enumerate(WEIGHTS):
        chance = (0.7 + of_pictures * random.choice([-1, 1], size=pictures)).astype(np.float32)
        runs = [(random.random(pictures, dtype=np.float32) < chance + random.normal() * between).astype(np.float32)
                for _ in range(seeds)]
        own = range(seeds) if known else range(seeds * number, seeds * (number + 1))
        made[cell] = CellRuns({seed: float(run.mean()) for seed, run in zip(own, runs, strict=True)},
                              by_picture=tuple(PictureValues("here", run) for run in runs))
    return made


def _covered(seeds: int, pictures: int, of_pictures: float, known: bool, random: np.random.Generator,
             studies: int) -> Count:
    hits = 0
    for _ in range(studies):
        fitted = fit(WEIGHTS, equal_recipes(random, seeds=seeds, pictures=pictures, of_pictures=of_pictures,
                                            known=known, between=0.003))
        hits += abs(fitted.value or 0) <= stdtrit(fitted.df, 0.975) * fitted.error
    return Count(hits, studies)


SCENARIOS = [
    Scenario(f"95 % intervals cover: {seeds} {'shared' if known else 'unknown'} seeds, {pictures:,} test pictures"
             f"{' with effects of their own' if effect else ''}", 0.94, 0.99, 1000,
             partial(_covered, seeds, pictures, effect, known))
    for pictures in (1000, 10_000) for seeds in (3, 5, 10) for effect in (0.0, 0.2)
    for known in ((True, False) if pictures == 1000 else (True,))]
