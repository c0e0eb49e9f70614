"""Which runs would let an inconclusive hypothesis be decided."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.analysis.judging.claims import Claim
from engine.analysis.judging.judgement import ALPHA, Need, Verdict
from engine.analysis.judging.measuring import Measured, MeasuredHypothesis
from engine.analysis.judging.power import LEAST_SEEDS, seeds_for
from engine.analysis.judging.sample import Sample
from engine.study.factors import CellKey

Target = tuple[float, str]
"""Seeds a cell should have, infinite where no study would run so many, and the reason."""


def needs_of(measured: MeasuredHypothesis, verdicts: Sequence[Verdict], planned: int) -> tuple[Need, ...]:
    """The seeds still missing, cells with equal needs together; none where more seeds would not help.

    Args:
        verdicts: of each part; decided ones need nothing.
        planned: tests that the study makes once all can be made, which the power is planned for.
    """
    if measured.claim.expect == "none" and measured.claim.margin == 0:
        return ()
    alpha = ALPHA / planned
    targets: dict[CellKey, Target] = {}
    for part, verdict in zip(measured.parts, verdicts, strict=True):
        for contrast in part.contrasts if verdict is Verdict.INCONCLUSIVE else ():
            for cell, target in _targets(contrast, measured.claim, alpha, spread_of(measured.sample)).items():
                targets[cell] = max(targets.get(cell, target), target)
    return _grouped(targets, measured.sample)


def spread_of(sample: Sample) -> float | None:
    """The spread of a cell's seeds, pooled over all cells that were repeated; None where none was, or it is zero."""
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
        unit_error = fitted.error * math.sqrt(len(runs) / sum(1 / len(each) for each in runs.values()))
    elif spread is not None:
        unit_error = spread * math.sqrt(sum(weight**2 for weight in measured.contrast.weights.values()))
    else:
        return dict.fromkeys(runs, (LEAST_SEEDS, "three"))
    seeds = seeds_for(fitted, unit_error, claim, alpha)
    least = max(len(each) for each in runs.values()) + 1 if fitted.test else 0
    return dict.fromkeys(runs, (math.inf if seeds is None else max(seeds, least), "power"))


def _decided(measured: Measured, alpha: float) -> bool:
    evidence = measured.absolute.evidence
    return evidence is not None and evidence.support < alpha


def _grouped(targets: Mapping[CellKey, Target], sample: Sample) -> tuple[Need, ...]:
    groups: dict[tuple[int | None, str], list[CellKey]] = {}
    for cell, (seeds, reason) in targets.items():
        more = None if math.isinf(seeds) else int(seeds) - len(sample[cell])
        if more is None or more > 0:
            groups.setdefault((more, reason), []).append(cell)
    return tuple(Need(tuple(cells), more, reason) for (more, reason), cells in groups.items())
