"""Studies and outcomes for tests of judging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from engine.study.study import Study

FACTORS: dict[str, Any] = {"model": ["a", "b", "c"], "weights": ["scratch", "pretrained"]}
GAIN = {"kind": "difference", "between": {"weights": ["pretrained", "scratch"]}}


def study(*hypotheses: Mapping[str, Any], factors: Mapping[str, Any] = FACTORS, **fields: Any) -> Study:
    """Hypotheses are named H1, H2 …"""
    named = [{"name": f"H{number}", **each} for number, each in enumerate(hypotheses, 1)]
    return Study.model_validate({"name": "made", "factors": factors, "hypotheses": named, **fields})


def outcomes(figures: Mapping[CellKey, Sequence[float]], metric: str = "top1", seeds: bool = True,
             rounding: float = 0.0) -> list[Outcome]:
    """Each cell's figures, with seeds 0, 1, 2 … or unknown ones; runs are numbered from 1 in this order."""
    rows = [(cell, seed, value) for cell, values in figures.items() for seed, value in enumerate(values)]
    return [Outcome(cell, seed if seeds else None, run, {metric: value}, {metric: rounding} if rounding else {})
            for run, (cell, seed, value) in enumerate(rows, 1)]


def one_factor(**figures: Sequence[float]) -> dict[CellKey, Sequence[float]]:
    """Cells of a study of a single factor."""
    return {(label,): values for label, values in figures.items()}
