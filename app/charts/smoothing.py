"""What is done to the values of a curve: smoothing, best so far, and a range that outliers do not stretch."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_VIEWPORT = 1000
"""Weighted & Biases scale distances to a chart of so many units."""
_MOST = 0.999
_LARGEST_EXPONENT = 300.0
_BODY = (0.02, 0.98)
_FAR, _MANY = 9.0, 20
_MANY = 20


def smooth(x: Floats, y: Floats, weight: float) -> Floats:
    """Return the time-weighted, debiased exponential moving average of Weighted & Biases ("Smooth line plots").

    With s = min(√weight, 0.999) and Δ the distance to the point before, in thousandths of the range of ``x``, the
    average is (Σ yⱼ·s^(xᵢ−xⱼ)) / (Σ s^(xᵢ−xⱼ)) over the points up to i: points far apart hardly influence each other.
    A value that is not finite stays as it is, and does not count.

    Args:
        x: float64 [N], ascending.
        y: float64 [N].
        weight: 0–1; 0 returns ``y``.
    """
    counted = np.isfinite(y) & np.isfinite(x)
    if weight <= 0 or counted.sum() < 2 or x[counted][-1] == x[counted][0]:
        return y
    smoothed = y.copy()
    positions = x[counted] - x[counted][0]
    decay = -np.log(min(weight ** 0.5, _MOST)) * positions * _VIEWPORT / positions[-1]
    smoothed[counted] = _decayed_mean(decay, y[counted])
    return smoothed


def _decayed_mean(decay: Floats, y: Floats) -> Floats:
    """Return Σⱼ yⱼ·e^(decayⱼ−decayᵢ) / Σⱼ e^(decayⱼ−decayᵢ) over j ≤ i, in blocks whose exponents do not overflow."""
    mean = np.empty_like(y)
    start, total, weights = 0, 0.0, 0.0
    while start < len(y):
        end = max(start + 1, int(np.searchsorted(decay, decay[start] + _LARGEST_EXPONENT)))
        growth = np.exp(decay[start:end] - decay[start])
        before = np.exp(decay[start - 1] - decay[start]) if start else 0.0
        sums = np.cumsum(growth * y[start:end]) + total * before
        counts = np.cumsum(growth) + weights * before
        mean[start:end] = sums / counts
        total, weights = sums[-1] / growth[-1], counts[-1] / growth[-1]
        start = end
    return mean


def best_so_far(y: Floats, *, higher_is_better: bool) -> Floats:
    """Return the best value up to each point; NaN before the first."""
    return np.fmax.accumulate(y) if higher_is_better else np.fmin.accumulate(y)


def robust_range(values: Floats, *, log: bool = False) -> tuple[float, float] | None:
    """Return the range of the values without outliers; None if there are none.

    The body of the values lies between their 2 % and 98 % quantiles; of twenty values or more the least and the largest
    are never part of it. An outlier is further away from it than nine times
    its width: with one, the body would be less than a tenth of the height.

    Args:
        values: of any order; those that are not finite do not count, on a logarithmic axis also those ≤ 0.
        log: measure widths in powers of ten.
    """
    drawn = values[np.isfinite(values) & (values > 0)] if log else values[np.isfinite(values)]
    if not len(drawn):
        return None
    scaled = np.log10(drawn) if log else drawn
    low, high = _body(scaled)
    near = (scaled >= low - _FAR * (high - low)) & (scaled <= high + _FAR * (high - low))
    if near.all() or high == low:
        return None
    return float(drawn[near].min()), float(drawn[near].max())


def _body(values: Floats) -> tuple[float, float]:
    """Return the ends of the body: of many values they are values themselves, so that one spike does not move them."""
    low, high = _BODY
    if len(values) < _MANY:
        return float(np.quantile(values, low)), float(np.quantile(values, high))
    return float(np.quantile(values, low, method="higher")), float(np.quantile(values, high, method="lower"))
