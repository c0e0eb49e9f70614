"""Which of several cells is better than all the others, and not only by chance."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.analysis.judging.claims import Claim, weigh
from engine.analysis.judging.judgement import ALPHA
from engine.analysis.judging.sample import sample
from engine.analysis.judging.testing import fit
from engine.study.factors import CellKey
from engine.study.metrics import STUDY_METRICS
from engine.study.outcome import Outcome


def significantly_best(cells: Sequence[CellKey], outcomes: Sequence[Outcome], metric: str,
                       kept_out: Collection[int] = ()) -> CellKey | None:
    """The one cell that differs from every other in the better direction, each at 5 % (two-sided), or None.

    That all must be beaten is correction enough: where two or more cells are truly best alike, one of them is named in
    5 % of studies at most. Cells without a result are no rivals; a rival that ran once cannot be beaten.

    Args:
        metric: a name of :data:`engine.study.metrics.STUDY_METRICS`, which knows which direction is better.
    """
    runs = {cell: found for cell, found in sample(cells, outcomes, metric, kept_out).items() if len(found)}
    if len(runs) < 2:
        return None
    claim = Claim("higher" if STUDY_METRICS[metric].higher_is_better else "lower")
    leading = max(runs, key=lambda cell: claim.sign * float(runs[cell].values.mean()))
    for rival in runs:
        if rival == leading:
            continue
        fitted = fit({leading: 1.0, rival: -1.0}, runs)
        rounding = runs[leading].rounding + runs[rival].rounding
        if not fitted.test or weigh(fitted, claim, rounding).support >= ALPHA:
            return None
    return leading
