"""Comparing two checkpoints on the same pictures, and those of a study: evidence on checkpoints, not on recipes."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from engine.analysis.ensemble import Gain, paired_gain, same_pictures
from engine.analysis.judging import Contrast
from engine.analysis.reading import Reading
from engine.errors import UserError
from engine.evaluation.metrics import Predictions
from engine.evaluation.results import load_results
from engine.store import Run, Store
from engine.study.factors import CellKey
from engine.study.matrix import Matrix, State
from engine.words import p_value, points


@dataclass(frozen=True)
class CheckpointComparison:
    """The changes from checkpoint a to checkpoint b.

    Attributes:
        both_right, fixed, broken, both_wrong: numbers of pictures; fixed: only b is right.
        gain: accuracy of b minus that of a, with a 95 % interval over pictures.
        p: two-sided exact McNemar test that fixed and broken are equally likely.
    """

    both_right: int
    fixed: int
    broken: int
    both_wrong: int
    gain: Gain
    p: float

    @property
    def pictures(self) -> int:
        return self.both_right + self.fixed + self.broken + self.both_wrong


def compare_checkpoints(a: Predictions, b: Predictions) -> CheckpointComparison:
    """Compare two checkpoints picture by picture.

    The result generalises to new pictures, but not to other seeds of the two recipes.

    Raises:
        UserError: they have different pictures, or none.
    """
    if not len(a.ids) or not same_pictures(a, b):
        raise UserError("compare: the two checkpoints were tested on different pictures")
    right_a, right_b = a.predicted == a.targets, b.predicted == b.targets
    both_wrong, fixed, broken, both_right = (int(count) for count in np.bincount(right_a * 2 + right_b, minlength=4))
    return CheckpointComparison(both_right, fixed, broken, both_wrong, paired_gain(a, b), mcnemar(fixed, broken))


def evidence_sentence(gain: Gain, pictures: int, test: str, p: float) -> str:
    """Say how sure the difference of two checkpoints is, for after the words "these two checkpoints"."""
    return (f"on {pictures:,} pictures: {test} p {p_value(p)}, {gain.level:.0%} confidence interval "
            f"{points(gain.low)} to {points(gain.high)} (over pictures): {gain.verdict}. "
            "This compares two checkpoints, not two recipes: another seed may give another result.")


def mcnemar(fixed: int, broken: int) -> float:
    """Return the two-sided p of the exact McNemar test (1947); 1 if no picture changed."""
    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5))) if fixed + broken else 1.0


@dataclass(frozen=True)
class CheckpointPair:
    """Two runs with one seed, from two cells that a hypothesis compares: ``after`` minus ``before``."""

    title: str
    seed: int
    before: Run
    after: Run
    found: CheckpointComparison


def checkpoint_evidence(store: Store, reading: Reading) -> list[CheckpointPair]:
    """Compare the runs of each seed for every two cells that a hypothesis subtracts, each pair once.

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
                for before, after in _compared(each.contrast):
                    title = f"{' · '.join(after)} − {' · '.join(before)}"
                    yield from ((title, before, after, seed) for seed in reading.study.seeds)


def _compared(contrast: Contrast) -> list[tuple[CellKey, CellKey]]:
    """Return the pairs (subtracted cell, cell it is subtracted from) that differ only in the compared factors.

    A mean over other factors has a pair for each combination of their levels; slopes and interactions have none.
    """
    share = 1 / contrast.averaged
    if any(not math.isclose(abs(weight), share) for weight in contrast.weights.values()):
        return []
    added = [cell for cell, weight in contrast.weights.items() if weight > 0]
    taken = [cell for cell, weight in contrast.weights.items() if weight < 0]
    compared = {place for place, (of_added, of_taken) in enumerate(zip(map(set, zip(*added, strict=True)),
                                                                       map(set, zip(*taken, strict=True)), strict=True))
                if len(of_added) == len(of_taken) == 1 and of_added != of_taken}
    by_others = {_without(cell, compared): cell for cell in added}
    return [(cell, by_others[_without(cell, compared)]) for cell in taken if compared]


def _without(cell: CellKey, places: Collection[int]) -> CellKey:
    return tuple(label for place, label in enumerate(cell) if place not in places)


def _run(matrix: Matrix, cell: CellKey, seed: int) -> Run | None:
    return next((entry.run for entry in matrix.by_cell[cell]
                 if entry.seed == seed and entry.state is State.DONE and not (entry.run and entry.run.is_imported)),
                None)
