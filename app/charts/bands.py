"""Several runs as one curve: a mean and a band, on positions that the runs share."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
_POINTS = 1000


class Band(StrEnum):
    """What the band around a mean shows."""

    SD = "± sd"
    INTERVAL = "95 % interval"
    RANGE = "min–max"


HELP = ("**± sd**: the standard deviation of the runs (n − 1). **95 % interval**: of the mean, by Student's t with "
        "n − 1 degrees of freedom. **min–max**: the lowest and the highest run. No band is drawn of one run.")


@dataclass(frozen=True, eq=False)
class Summary:
    """The mean curve of some runs; float64 [N] each, NaN where undefined.

    Attributes:
        x: positions, ascending.
        mean: mean of the runs that are there at a position.
        low, high: edges of the band.
        n: how many runs are there.
    """

    x: Floats
    mean: Floats
    low: Floats
    high: Floats
    n: Floats


def summarise(columns: Sequence[tuple[Floats, Floats]], band: Band, points: int = _POINTS) -> Summary:
    """Align curves of any lengths on common positions, then summarise them.

    Args:
        columns: (positions, values) of each run, not thinned, positions ascending. Between two points of a run its
            value is interpolated; before its first and after its last it counts no longer. Values that are not finite
            do not count.
        points: number of positions at most.
    """
    curves = [(x[kept], y[kept]) for x, y in columns if (kept := np.isfinite(x) & np.isfinite(y)).any()]
    if not curves:
        return Summary(*(np.empty(0) for _ in range(5)))
    x = _common(curves, points)
    values = np.stack([np.interp(x, *curve, left=np.nan, right=np.nan) for curve in curves])
    there = np.isfinite(values)
    n = there.sum(0)
    mean = np.where(there, values, 0.0).sum(0) / n
    low, high = _edges(values, there, n, mean, band)
    alone = n < 2
    return Summary(x, mean, np.where(alone, np.nan, low), np.where(alone, np.nan, high), n.astype(np.float64))


def _common(curves: Sequence[tuple[Floats, Floats]], points: int) -> Floats:
    """Return the union of the positions; if there are too many, evenly chosen ones and the end of each run."""
    everywhere = np.unique(np.concatenate([x for x, _ in curves]))
    if len(everywhere) <= points:
        return everywhere
    ends = np.unique([edge for x, _ in curves for edge in (x[0], x[-1])])
    chosen = everywhere[np.linspace(0, len(everywhere) - 1, max(2, points - len(ends))).astype(int)]
    return np.union1d(chosen, ends)


def _edges(values: Floats, there: NDArray[np.bool_], n: NDArray[np.int64], mean: Floats,
           band: Band) -> tuple[Floats, Floats]:
    if band is Band.RANGE:
        return np.where(there, values, np.inf).min(0), np.where(there, values, -np.inf).max(0)
    degrees = np.maximum(n - 1, 1)
    sd = np.sqrt((np.where(there, values - mean, 0.0) ** 2).sum(0) / degrees)
    width = sd * stdtrit(degrees, 0.975) / np.sqrt(n) if band is Band.INTERVAL else sd
    return mean - width, mean + width
