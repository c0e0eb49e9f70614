"""The number of further seeds that an inconclusive hypothesis needs."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import nctdtr, stdtr, stdtrit

from engine.analysis.judging.claims import Claim, distance
from engine.analysis.judging.judgement import Need, Verdict
from engine.analysis.judging.measurement import Measured, MeasuredHypothesis
from engine.analysis.judging.sample import Sample
from engine.analysis.judging.significance import Fitted
from engine.evaluation.metrics import Floats, Ints
from engine.study.factors import CellKey

POWER = 0.8
LEAST_SEEDS = 3
MOST_SEEDS = 50
"""Above this limit the difference is too small for its spread."""


def seeds_for(fitted: Fitted, unit_error: float, claim: Claim, alpha: float) -> int | None:
    """Return the seeds per cell for a power of 80 %, at least three; None if more than fifty.

    A direction is planned for the current estimate, equivalence for a true contrast of zero. Degrees of freedom are
    those of a paired test, the fewest possible. The error by the test pictures stays as it is.

    Args:
        unit_error: the contrast's standard error by training, with one seed per cell.
        alpha: two-sided for a direction; of each one-sided test for equivalence.
    """
    seeds = np.arange(LEAST_SEEDS, MOST_SEEDS + 1)
    errors = np.sqrt(unit_error**2 / seeds + fitted.picture_error**2)
    if claim.expect == "none":
        power = _equivalence_power(claim.margin, errors, seeds, alpha)
    else:
        away = abs(distance(fitted.value or 0.0, claim)) / errors
        power = 1 - nctdtr(seeds - 1, away, -stdtrit(seeds - 1, alpha / 2))
    enough = seeds[np.nan_to_num(power, nan=1.0) >= POWER]  # SciPy's noncentral t is NaN far from zero
    return int(enough[0]) if len(enough) else None


def _equivalence_power(margin: float, errors: Floats, seeds: Ints, alpha: float) -> Floats:
    room = margin / errors + stdtrit(seeds - 1, alpha)
    power: Floats = np.maximum(2 * stdtr(seeds - 1, room) - 1, 0.0)
    return power


Target = tuple[float, str]
"""Seeds that a cell should have, infinite if too many, and the reason."""


def needs_of(measured: MeasuredHypothesis, verdicts: Sequence[Verdict], alpha: float) -> tuple[Need, ...]:
    """Return the missing seeds, grouped by equal needs; empty if more seeds would not help.

    Args:
        verdicts: of each part; only inconclusive ones have needs.
        alpha: what the next look spends on one of all tests of the study.
    """
    if measured.claim.expect == "none" and measured.claim.margin == 0:
        return ()
    targets: dict[CellKey, Target] = {}
    for part, verdict in zip(measured.parts, verdicts, strict=True):
        for contrast in part.contrasts if verdict is Verdict.INCONCLUSIVE else ():
            for cell, target in _targets(contrast, measured.claim, alpha, spread_of(measured.sample)).items():
                targets[cell] = max(targets.get(cell, target), target)
    return _group(targets, measured.sample)


def spread_of(sample: Sample) -> float | None:
    """Return the standard deviation over seeds, pooled over repeated cells; None if there are none, or it is zero."""
    repeated = [(len(runs) - 1, runs.spread) for runs in sample.values() if runs.spread is not None]
    squares = sum(df * spread**2 for df, spread in repeated)
    return math.sqrt(squares / sum(df for df, _ in repeated)) if squares > 0 else None


def _targets(measured: Measured, claim: Claim, alpha: float, spread: float | None) -> Mapping[CellKey, Target]:
    fitted, runs = measured.absolute.fitted, measured.sample
    if fitted.untested == "no spread" or _decided(measured, alpha):
        return {}
    if fitted.untested == "missing":
        return {cell: (LEAST_SEEDS, "kept out" if each.kept_out and not len(each) else
                       "no run" if not len(each) else "three") for cell, each in runs.items()}
    if fitted.untested == "few shared":
        every = len(set().union(*(each.seeded for each in runs.values())))
        return dict.fromkeys(runs, (max(LEAST_SEEDS, every), "shared"))
    if fitted.test:
        unit_error = fitted.seed_error * math.sqrt(len(runs) / sum(1 / len(each) for each in runs.values()))
    elif spread is not None:
        unit_error = spread * math.sqrt(sum(weight**2 for weight in measured.contrast.weights.values()))
    else:
        return dict.fromkeys(runs, (LEAST_SEEDS, "three"))
    seeds = seeds_for(fitted, unit_error, claim, alpha)
    least = max(len(each) for each in runs.values()) + 1 if fitted.test else 0
    if seeds is None:
        return dict.fromkeys(runs, (math.inf, "pictures" if _open_by_pictures(fitted, claim, alpha) else "too many"))
    return dict.fromkeys(runs, (max(seeds, least), "power"))


def _open_by_pictures(fitted: Fitted, claim: Claim, alpha: float) -> bool:
    """Return whether no number of seeds would do, because the test pictures' error stays."""
    if not fitted.picture_error:
        return False
    away = claim.margin if claim.expect == "none" else abs(distance(fitted.value or 0.0, claim))
    return bool(away / fitted.picture_error < stdtrit(fitted.pictures - 1, 1 - alpha / 2) + stdtrit(1000, POWER))


def _decided(measured: Measured, alpha: float) -> bool:
    evidence = measured.absolute.evidence
    return evidence is not None and evidence.support < alpha


def _group(targets: Mapping[CellKey, Target], sample: Sample) -> tuple[Need, ...]:
    groups: dict[tuple[int | None, str], list[CellKey]] = {}
    for cell, (seeds, reason) in targets.items():
        more = None if math.isinf(seeds) else int(seeds) - len(sample[cell])
        if more is None or more > 0:
            groups.setdefault((more, reason), []).append(cell)
    return tuple(Need(tuple(cells), more, reason) for (more, reason), cells in groups.items())
