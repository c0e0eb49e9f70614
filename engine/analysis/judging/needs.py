"""The number of further seeds that an inconclusive hypothesis needs."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import chdtri, nctdtr, stdtr, stdtrit

from engine.analysis.judging.claims import Claim
from engine.analysis.judging.judgement import Need, Verdict
from engine.analysis.judging.measurement import Measured, MeasuredHypothesis
from engine.analysis.judging.sample import CellRuns, Sample
from engine.analysis.judging.significance import satterthwaite
from engine.evaluation.metrics import Floats, Ints
from engine.study.factors import CellKey

POWER = 0.8
LEAST_SEEDS = 3
MOST_SEEDS = 1000
"""Above this limit the margin is too small for the spread."""
_CONFIDENCE = 0.6
"""Of the upper limit of the spread, so that few seeds with a small spread by chance do not promise too much."""


def seeds_for(unit_error: float, claim: Claim, alpha: float, picture_error: float = 0.0,
              power: float = POWER) -> int | None:
    """Return the seeds per cell for this power, at least three; None if more than a thousand.

    Equivalence is planned for a true contrast of zero; a direction for one that is a margin away from the margin, zero
    or twice the margin. The estimate does not count: planned from it, a study that looks well by chance asks for too
    few. Degrees of freedom are those of a paired test, the fewest possible. The test pictures' error stays as it is.

    Args:
        unit_error: the contrast's standard error by training, with one seed per cell.
        alpha: two-sided for a direction; of each one-sided test for equivalence.
    """
    seeds = np.arange(LEAST_SEEDS, MOST_SEEDS + 1)
    errors = np.sqrt(unit_error**2 / seeds + picture_error**2)
    if claim.expect == "none":
        reached = _equivalence_power(claim.margin, errors, seeds, alpha)
    else:
        reached = 1 - nctdtr(seeds - 1, claim.margin / errors, -stdtrit(seeds - 1, alpha / 2))
    enough = seeds[np.nan_to_num(reached, nan=1.0) >= power]  # SciPy's noncentral t is NaN far from zero
    return int(enough[0]) if len(enough) else None


def _equivalence_power(margin: float, errors: Floats, seeds: Ints, alpha: float) -> Floats:
    room = margin / errors + stdtrit(seeds - 1, alpha)
    power: Floats = np.maximum(2 * stdtr(seeds - 1, room) - 1, 0.0)
    return power


Target = tuple[float, str]
"""Seeds that a cell should have, infinite if too many, and the reason."""


def needs_of(measured: MeasuredHypothesis, verdicts: Sequence[Verdict], alpha: float) -> tuple[Need, ...]:
    """Return the missing seeds: the same number for all cells with results, because a study declares them for all.

    Args:
        verdicts: of each part; only inconclusive ones have needs.
        alpha: what the next look spends on one of all tests of the study.
    """
    if measured.claim.expect == "none" and measured.claim.margin == 0:
        return ()
    power = 1 - (1 - POWER) / sum(len(part.contrasts) for part in measured.parts)
    targets: dict[CellKey, Target] = {}
    for part, verdict in zip(measured.parts, verdicts, strict=True):
        for contrast in part.contrasts if verdict is Verdict.INCONCLUSIVE else ():
            for cell, target in _targets(contrast, measured.sample, alpha, power).items():
                targets[cell] = max(targets.get(cell, target), target)
    empty = {cell: target for cell, target in targets.items() if target[1] in ("no run", "excluded")}
    return (*_group(empty, measured.sample),
            *_group({cell: target for cell, target in targets.items() if cell not in empty}, measured.sample))


def _targets(measured: Measured, sample: Sample, alpha: float, power: float) -> Mapping[CellKey, Target]:
    fitted, runs, claim = measured.absolute.fitted, measured.sample, measured.absolute.claim
    if fitted.untested == "no spread" or _decided(measured, alpha):
        return {}
    if fitted.value is None:
        return {cell: (LEAST_SEEDS, "excluded" if each.kept_out and not len(each) else
                       "no run" if not len(each) else "three") for cell, each in runs.items()}
    if fitted.untested == "few shared":
        every = len(set().union(*(each.seeded for each in runs.values())))
        return dict.fromkeys(runs, (max(LEAST_SEEDS, every), "shared"))
    unit_error = unit_error_of(measured.contrast.weights, runs, sample)
    if unit_error is None:
        return dict.fromkeys(runs, (LEAST_SEEDS, "three"))
    if not claim.margin:
        return dict.fromkeys(runs, (max(LEAST_SEEDS, 2 * max(map(_attempted, runs.values()))), "no margin"))
    seeds = seeds_for(unit_error, claim, alpha, fitted.picture_error, power)
    if seeds is None:
        by_pictures = fitted.picture_error and seeds_for(unit_error, claim, alpha, 0.0, power) is not None
        return dict.fromkeys(runs, (math.inf, "pictures" if by_pictures else "too many"))
    least = max(len(each) for each in runs.values()) + 1 if fitted.test else 0
    return dict.fromkeys(runs, (max(seeds, least), "equivalence" if claim.expect == "none" else "power"))


def unit_error_of(weights: Mapping[CellKey, float], runs: Sample, sample: Sample) -> float | None:
    """Return the upper 60 % limit of a contrast's standard error with one seed per cell; None if none was repeated.

    The limit takes the place of the estimate (Browne, 1995, Statistics in Medicine 14): three seeds estimate a spread
    poorly, and half of all estimates are too small. Cells that were not repeated take the spread of all others.
    """
    if all(each.spread is not None for each in runs.values()):
        single, df = satterthwaite(weights, runs, per_run=True)
    else:
        repeated = [each for each in sample.values() if each.spread is not None]
        df = sum(len(each) - 1 for each in repeated)
        squares = sum((len(each) - 1) * (each.spread or 0.0) ** 2 for each in repeated)
        single = math.sqrt(squares / df * sum(weight**2 for weight in weights.values())) if df else 0.0
    return single * math.sqrt(df / float(chdtri(df, _CONFIDENCE))) if single > 0 else None


def _decided(measured: Measured, alpha: float) -> bool:
    evidence = measured.absolute.evidence
    return evidence is not None and evidence.support < alpha


def _attempted(runs: CellRuns) -> int:
    return len(runs) + runs.kept_out + runs.unmeasured


def _group(targets: Mapping[CellKey, Target], sample: Sample) -> tuple[Need, ...]:
    """Return one need for all these cells, by the one that needs most."""
    if not targets:
        return ()
    seeds, reason = max(targets.values())
    if math.isinf(seeds):
        return (Need(tuple(targets), None, reason),)
    counted = len if reason == "excluded" else _attempted
    more = int(seeds) - min(counted(sample[cell]) for cell in targets)
    return (Need(tuple(targets), more, reason),) if more > 0 else ()
