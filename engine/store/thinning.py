"""Fewer points that draw the same curve."""

from __future__ import annotations

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from engine.store.chunks import Column

_DOWNSAMPLER = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]


def thinned(column: Column, points: int) -> Column:
    """At most ``points`` of a column's points: extremes kept by MinMaxLTTB (Van Der Donckt et al., 2023), the first
    NaN of each gap kept so that a line breaks there.
    """
    steps, values = column
    if len(steps) <= points:
        return column
    gaps = np.isnan(values)
    starts = np.flatnonzero(gaps & ~np.append(False, gaps[:-1]))[: points // 4]
    solid = np.flatnonzero(~gaps)
    room = max(points - len(starts), 3)
    chosen = solid
    if len(solid) > room:
        finite = np.where(np.isfinite(values[solid]), values[solid], np.float64(0))
        chosen = solid[_DOWNSAMPLER.downsample(steps[solid], finite, n_out=room)]
    kept = np.union1d(chosen, starts)
    return steps[kept], values[kept]
