"""Measuring a hypothesis: its contrasts on the absolute and the relative scale, before any verdict."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from engine.analysis.judging.claims import Claim, Evidence, observe, weigh
from engine.analysis.judging.judgement import Observed
from engine.analysis.judging.sample import Sample, sample
from engine.analysis.judging.significance import Fitted, fit
from engine.study.contrasts import Contrast, Levels, contrasts_of
from engine.study.factors import CellKey
from engine.study.hypothesis import Hypothesis
from engine.study.outcomes import Outcome
from engine.study.study import Study


@dataclass(frozen=True)
class Scaled:
    """A contrast on one scale; ``rounding`` is the largest error from rounded inputs; no evidence if not tested."""

    claim: Claim
    fitted: Fitted
    rounding: float
    evidence: Evidence | None
    observed: Observed


@dataclass(frozen=True)
class Measured:
    """A contrast with its cells' runs, on the absolute and the relative scale; None if a value has no logarithm."""

    contrast: Contrast
    sample: Sample
    absolute: Scaled
    relative: Scaled | None


@dataclass(frozen=True)
class MeasuredPart:
    """A part of a hypothesis; ``withheld``, without evidence, while planned seeds of its cells are still to come."""

    levels: Levels
    contrasts: tuple[Measured, ...]
    withheld: bool
    title: str = ""

    @property
    def absolute(self) -> Evidence | None:
        return None if self.withheld else _combine_evidence([each.absolute for each in self.contrasts])

    @property
    def relative(self) -> Evidence | None:
        return None if self.withheld else _combine_evidence([each.relative for each in self.contrasts])


@dataclass(frozen=True)
class MeasuredHypothesis:
    """A hypothesis with its metric, its claims on both scales, and the runs of all cells."""

    hypothesis: Hypothesis
    metric: str
    claim: Claim
    relative: Claim | None
    sample: Sample
    parts: tuple[MeasuredPart, ...]

    @property
    def cells(self) -> set[CellKey]:
        """The cells that it compares."""
        return {cell for part in self.parts for contrast in part.contrasts for cell in contrast.sample}


def measure(study: Study, hypothesis: Hypothesis, outcomes: Sequence[Outcome], kept_out: Collection[int] = (),
            awaited: Collection[CellKey] = ()) -> MeasuredHypothesis:
    """Measure every contrast of the hypothesis from the usable runs.

    A ratio is judged by a margin of its own; without one only where differences have none either, because else both
    scales would answer different questions. A contrast that is not tested as a difference is not tested as a ratio.

    Raises:
        UserError: as :func:`engine.study.contrasts.contrasts_of`.
    """
    metric = hypothesis.metric or study.metric
    margin, ratio = study.margins(hypothesis)
    claim = Claim(hypothesis.expect, margin)
    judged = ratio > 1 or (hypothesis.expect != "none" and not margin)
    relative = Claim(hypothesis.expect, math.log(ratio)) if judged else None
    runs = sample(study.cells, outcomes, metric, kept_out)
    parts = tuple(MeasuredPart(part.levels, tuple(_measure_contrast(each, runs, claim, relative)
                                                  for each in part.contrasts),
                               any(cell in awaited for each in part.contrasts for cell in each.weights), part.title)
                  for part in contrasts_of(study, hypothesis))
    return MeasuredHypothesis(hypothesis, metric, claim, relative, runs, parts)


def _measure_contrast(contrast: Contrast, runs: Sample, claim: Claim, relative: Claim | None) -> Measured:
    own = {cell: runs[cell] for cell in contrast.weights}
    logged = {cell: found for cell, each in own.items() if (found := each.logged()) is not None}
    absolute = _scaled(contrast, own, claim)
    ratio = _scaled(contrast, logged, relative or Claim(claim.expect),
                    judged=relative is not None) if len(logged) == len(own) else None
    if ratio and absolute.evidence is None:
        ratio = replace(ratio, fitted=Fitted(ratio.fitted.value), evidence=None)
    return Measured(contrast, own, absolute, ratio)


def _scaled(contrast: Contrast, runs: Sample, claim: Claim, *, judged: bool = True) -> Scaled:
    fitted = fit(contrast.weights, runs)
    if fitted.untested == "missing" and all(each.kept_out for each in runs.values() if not len(each)):
        fitted = replace(fitted, untested="excluded")
    rounding = sum(abs(weight) * runs[cell].rounding for cell, weight in contrast.weights.items())
    return Scaled(claim, fitted, rounding, weigh(fitted, claim, rounding) if fitted.test and judged else None,
                  observe(fitted.value, claim, rounding))


def _combine_evidence(scales: Sequence[Scaled | None]) -> Evidence | None:
    """Combine contrasts: all must hold, so the weakest supports (Berger, 1982); any may refute, with Bonferroni."""
    tested = [scale.evidence for scale in scales if scale is not None and scale.evidence is not None]
    if not tested:
        return None
    support = max(each.support for each in tested) if len(tested) == len(scales) else 1.0
    return Evidence(support, min(1.0, len(scales) * min(each.refute for each in tested)))
