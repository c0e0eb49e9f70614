"""The chance of which pictures are in the test set, the second source of a contrast's error."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.analysis.judging.sample import CellRuns
from engine.evaluation.metrics import Floats
from engine.study.factors import CellKey


class PictureError(NamedTuple):
    """The standard error of a contrast by its test pictures alone, and the number of pictures (of the smallest set)."""

    error: float
    pictures: int


def picture_error(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> PictureError | None:
    """Estimate how much the contrast would vary with other test pictures; None if a cell's are not known.

    Seeds and pictures are crossed random effects. The variance over pictures of the mean over n seeds, divided by the
    number of pictures T, holds the pictures' own part and 1/n of the residual part, which the spread over seeds holds
    already: that is subtracted (Owen, 2007, arXiv 0712.1111; Bouthillier et al., 2021, arXiv 2103.03098). Cells tested
    on other pictures, as with a factor of data sets, add up independently.
    """
    sets: dict[str, list[CellKey]] = {}
    for cell in weights:
        own = {pictures.test_set for pictures in cells[cell].by_picture}
        if len(own) != 1:
            return None
        sets.setdefault(own.pop(), []).append(cell)
    parts = [_of_set({cell: weights[cell] for cell in group}, cells) for group in sets.values()]
    if any(part.pictures < 2 for part in parts):
        return None
    return PictureError(sum(part.error**2 for part in parts) ** 0.5, min(part.pictures for part in parts))


def _of_set(weights: Mapping[CellKey, float], cells: Mapping[CellKey, CellRuns]) -> PictureError:
    tables = [weight * _table(cells[cell]) for cell, weight in weights.items()]
    seeds = [list(cells[cell].seeded) for cell in weights]
    pictures = tables[0].shape[1]
    if all(each == seeds[0] and not cells[cell].unseeded for each, cell in zip(seeds, weights, strict=True)):
        tables = [sum(tables, np.zeros(1))]
    mean = sum((table.mean(axis=0) for table in tables), np.zeros(pictures))
    variance = float(mean.var(ddof=1)) - _residual(tables) if pictures > 1 else 0.0
    return PictureError(max(0.0, variance / pictures) ** 0.5, pictures)


def _residual(tables: Sequence[Floats]) -> float:
    """Return the variance of a mean over seeds that is neither the pictures' nor the seeds'."""
    total = 0.0
    for table in tables:
        seeds, pictures = table.shape
        left = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        total += float((left**2).sum()) / ((seeds - 1) * (pictures - 1) * seeds) if seeds > 1 else 0.0
    return total


def _table(runs: CellRuns) -> Floats:
    """Return float64 [seeds, pictures]."""
    return np.stack([pictures.values for pictures in runs.by_picture]).astype(np.float64)
