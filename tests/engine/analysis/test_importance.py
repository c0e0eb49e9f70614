"""The importance of options, beside the values of Optuna 5.0's ``PedAnovaImportanceEvaluator`` for the same runs."""

from __future__ import annotations

import math
import random

import pytest

from engine.analysis.importance import importance


def _runs(count: int, seed: int) -> tuple[dict[str, list[object]], list[float]]:
    rng = random.Random(seed)
    rows, scores = [], []
    for _ in range(count):
        lr, decay = 10 ** rng.uniform(-4, -1), rng.uniform(0.1, 0.5)
        augmentation, epochs = rng.choice(["none", "weak", "strong"]), rng.randint(5, 60)
        scores.append(0.8 - 0.1 * abs(math.log10(lr) + 2.5) + 0.05 * (augmentation == "weak") + 0.001 * epochs
                      + rng.gauss(0, 0.01))
        rows.append({"lr": lr, "decay": decay, "augmentation": augmentation, "epochs": epochs})
    return {name: [row[name] for row in rows] for name in rows[0]}, scores


@pytest.mark.parametrize(("count", "seed", "expected"), [
    (20, 0, {"lr": 0.873423, "augmentation": 0.063279, "decay": 0.04215, "epochs": 0.021147}),
    (60, 1, {"lr": 0.772958, "augmentation": 0.118036, "epochs": 0.094522, "decay": 0.014485}),
    (400, 2, {"lr": 0.732753, "augmentation": 0.196407, "epochs": 0.060647, "decay": 0.010193}),
])
def test_values_are_those_of_optuna(count: int, seed: int, expected: dict[str, float]) -> None:
    found = importance(*_runs(count, seed))
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, abs=1e-6)


def test_an_option_that_does_not_vary_has_none() -> None:
    assert importance({"lr": [0.1] * 20}, range(20)) == {}
    assert importance({"lr": [0.1] * 20, "on": [True, False] * 10}, range(20)) == {"on": 1.0}


def test_options_that_tell_nothing_share_equally() -> None:
    assert importance({"one": ["a", "b"] * 10, "two": ["x", "y"] * 10}, [1.0] * 20) == {"one": 0.5, "two": 0.5}
