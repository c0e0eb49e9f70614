"""Evaluating one checkpoint by its conditions as arguments."""

from __future__ import annotations

from typing import Any

from engine.evaluation.evaluate import Evaluator
from engine.store import Conditions, Run, Store
from engine.training.setup import Setup


def evaluate_checkpoint(store: Store, run: Run, setup: Setup | None, checkpoint: str = "best", split: str = "test",
                        **conditions: Any) -> dict[str, float]:
    return Evaluator(store, run, setup).evaluate(Conditions(checkpoint, split, **conditions)).metrics
