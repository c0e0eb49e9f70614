"""How much each option mattered for being among the best runs, by PED-ANOVA.

Watanabe, Bansal and Hutter, "PED-ANOVA: Efficiently quantifying hyperparameter importance in arbitrary subspaces",
IJCAI 2023, arXiv 2304.10255. An option matters as much as its density among the best runs differs from that among all,
measured by Pearson's divergence. Densities are Parzen estimates on a grid, with the bandwidth of Scott (1992).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST_RUNS = 20
"""With fewer runs the best tenth is one or two of them, which says nothing."""
_BEST_SHARE = 0.1
_GRID = 50
_LOG_RATIO = 10
_SMALLEST_WIDTH = 0.5 / 1.64
"""Bandwidth in cells of the grid at which 90 % of a kernel are in its own cell."""
_TINY = 1e-12

Floats = NDArray[np.float64]


def importance(options: Mapping[str, Sequence[Any]], scores: Sequence[float]) -> dict[str, float]:
    """Return the importance of each option, as shares that sum to 1, the largest first.

    Args:
        options: the values of every run by option. Numbers are on a scale between the least and the largest,
            logarithmic where these are positive and ten times apart; all other values are categories.
        scores: finite, larger is better, of every run.

    Returns:
        Equal shares if no option tells the best runs from the others; empty if there are no options that vary.
    """
    ordered = np.sort(np.asarray(scores, float))[::-1]
    best = np.asarray(scores, float) >= ordered[math.ceil(_BEST_SHARE * len(ordered)) - 1]
    divergences = {name: _divergence(*_cells(values), best) for name, values in options.items() if len(set(values)) > 1}
    total = sum(divergences.values())
    shares = {name: value / total if total else 1 / len(divergences) for name, value in divergences.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _cells(values: Sequence[Any]) -> tuple[NDArray[np.int64], int, bool]:
    """Return the cell of each value, the number of cells, and whether they are categories."""
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        names = sorted(set(map(str, values)))
        return np.array([names.index(str(value)) for value in values]), len(names), True
    numbers = np.asarray(values, float)
    if numbers.min() > 0 and numbers.max() / numbers.min() >= _LOG_RATIO:
        numbers = np.log(numbers)
    low, high = numbers.min(), numbers.max()
    cells = np.ceil((numbers - low) / ((high - low) / (_GRID - 1)) - 0.5).astype(int)
    return np.clip(cells, 0, _GRID - 1), _GRID, False


def _divergence(cells: NDArray[np.int64], size: int, categories: bool, best: NDArray[np.bool_]) -> float:
    """Return Pearson's divergence of the density of the best runs from that of all."""
    density = _density_of_categories if categories else _density_of_numbers
    top, every = density(cells[best], size) + _TINY, density(cells, size) + _TINY
    return float(every @ (top / every - 1) ** 2)


def _density_of_categories(cells: NDArray[np.int64], size: int) -> Floats:
    """Return the mixture of a smoothed peak at each category that was observed, and a uniform prior of weight one."""
    counts = np.bincount(cells, minlength=size).astype(float)
    smoothing = 1 / (np.count_nonzero(counts) + 1)
    peaks = (counts + smoothing * counts.sum()) / (1 + smoothing * size)
    return np.asarray((peaks + 1 / size) / (counts.sum() + 1))


def _density_of_numbers(cells: NDArray[np.int64], size: int) -> Floats:
    """Return the mixture of a normal distribution at each cell that was observed, and a wide prior of weight one."""
    places, counts = np.unique(cells, return_counts=True)
    centres = np.append(places, (size - 1) / 2)
    widths = np.append(np.full(len(places), max(_scott(places, counts), _SMALLEST_WIDTH)), float(size))
    weights = np.append(counts, 1) / (counts.sum() + 1)
    edges = (np.arange(size + 1) - 0.5)[:, None]
    masses = np.diff(_normal((edges - centres) / widths), axis=0)
    return np.asarray((masses / masses.sum(axis=0)) @ weights)


def _scott(places: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """Return Scott's bandwidth from the smaller of standard deviation and quartile range, in cells."""
    total, reached = int(counts.sum()), np.cumsum(counts)
    mean = places @ counts / total
    deviation = math.sqrt(float((places - mean) ** 2 @ counts) / max(1, total - 1))
    first = np.searchsorted(reached, total // 4, side="left")
    third = min(len(places) - 1, int(np.searchsorted(reached, total * 3 // 4, side="right")))
    return float(1.059 * min((places[third] - places[first]) / 1.34, deviation) * total**-0.2)


def _normal(values: Floats) -> Floats:
    """Return the distribution function of the standard normal distribution."""
    from scipy.special import ndtr

    return np.asarray(ndtr(values))
