"""A study's trained models compared picture by picture: evidence on them alone, never on their recipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.analysis.judging import Contrast
from engine.analysis.pairs import CheckpointComparison, compare_checkpoints
from engine.analysis.reading import Reading
from engine.errors import UserError
from engine.evaluation.results import load_results
from engine.store import Run, Store
from engine.study.factors import CellKey
from engine.study.matrix import Matrix, State


@dataclass(frozen=True)
class CheckpointPair:
    """Two runs of one seed, from the recipe that a hypothesis subtracts to the one it is subtracted from."""

    title: str
    seed: int
    before: Run
    after: Run
    found: CheckpointComparison


def checkpoint_evidence(store: Store, reading: Reading) -> list[CheckpointPair]:
    """A pair for each seed of every two cells that a hypothesis compares directly, each once.

    Pairs without stored predictions on the same pictures are left out.
    """
    evidence = []
    for title, before, after, seed in dict.fromkeys(_pairs(reading)):
        first, last = _run(reading.matrix, before, seed), _run(reading.matrix, after, seed)
        if first is None or last is None:
            continue
        try:
            found = compare_checkpoints(load_results(store, first).predictions, load_results(store, last).predictions)
        except UserError:
            continue
        evidence.append(CheckpointPair(title, seed, first, last, found))
    return evidence


def _pairs(reading: Reading) -> Iterator[tuple[str, CellKey, CellKey, int]]:
    for judgement in reading.judgements:
        for part in judgement.parts:
            for each in part.contrasts:
                cells = _two_cells(each.contrast)
                for seed in reading.study.seeds if cells else ():
                    yield " − ".join(" · ".join(cell) for cell in reversed(cells)), *cells, seed


def _two_cells(contrast: Contrast) -> tuple[CellKey, CellKey] | tuple[()]:
    """The cell that is subtracted and the other, of a contrast that is one minus the other; else nothing."""
    by_weight = {weight: cell for cell, weight in contrast.weights.items()}
    return (by_weight[-1.0], by_weight[1.0]) if len(contrast.weights) == 2 and {1.0, -1.0} == set(by_weight) else ()


def _run(matrix: Matrix, cell: CellKey, seed: int) -> Run | None:
    return next((entry.run for entry in matrix.by_cell[cell]
                 if entry.seed == seed and entry.state is State.DONE and not (entry.run and entry.run.is_imported)),
                None)
