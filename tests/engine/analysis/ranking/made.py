"""Studies over several sets, and their outcomes, for tests of ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.evaluation.metrics import Floats
from engine.study.outcomes import Outcome
from engine.study.study import Study


def study(sets: int, recipes: int, **fields: Any) -> Study:
    """Recipes are models ``a``, ``b`` …, sets are data sets ``s1``, ``s2`` …"""
    factors = {"dataset": [f"s{number}" for number in range(1, sets + 1)], "model": list("abcdefghijklmnop"[:recipes])}
    return Study.model_validate({"name": "made", "factors": factors, **fields})


def outcomes(scores: Floats | Sequence[Sequence[float]], metric: str = "top1", seeds: int = 1,
             spread: float = 0.0) -> list[Outcome]:
    """A result for each set (row), recipe (column) and seed, that lies up to ``spread`` around its score."""
    random = np.random.default_rng(3)
    return [Outcome((f"s{row}", "abcdefghijklmnop"[column]), seed, 0, {metric: score + spread * random.uniform(-1, 1)})
            for row, line in enumerate(np.asarray(scores).tolist(), 1) for column, score in enumerate(line)
            for seed in range(seeds)]
