"""A hypothesis measured: each of its contrasts on the absolute and on the relative scale, before any verdict."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.analysis.judging.claims import Claim, Evidence, observe, weigh
from engine.analysis.judging.judgement import Observed
from engine.analysis.judging.sample import Sample, sample
from engine.analysis.judging.significance import Fitted, fit
from engine.study.contrasts import Contrast, Levels, contrasts_of
from engine.study.hypothesis import Hypothesis
from engine.study.outcomes import Outcome
from engine.study.study import Study


@dataclass(frozen=True)
class Scaled:
    """A contrast on one scale; ``rounding`` is how far printed digits may put it off. No evidence: nothing tested."""

    fitted: Fitted
    rounding: float
    evidence: Evidence | None
    observed: Observed


@dataclass(frozen=True)
class Measured:
    """A contrast, its cells' runs, and what they say; on the relative scale of logarithms, None where one is not."""

    contrast: Contrast
    sample: Sample
    absolute: Scaled
    relative: Scaled | None


@dataclass(frozen=True)
class MeasuredPart:
    """A part of a hypothesis."""

    levels: Levels
    contrasts: tuple[Measured, ...]

    @property
    def absolute(self) -> Evidence | None:
        return _together([each.absolute for each in self.contrasts])

    @property
    def relative(self) -> Evidence | None:
        return _together([each.relative for each in self.contrasts])


@dataclass(frozen=True)
class MeasuredHypothesis:
    """A hypothesis with the metric and the claim it is judged by, and all cells' runs."""

    hypothesis: Hypothesis
    metric: str
    claim: Claim
    sample: Sample
    parts: tuple[MeasuredPart, ...]


def measure(study: Study, hypothesis: Hypothesis, outcomes: Sequence[Outcome],
            kept_out: Collection[int] = ()) -> MeasuredHypothesis:
    """Every contrast of the hypothesis from the runs that count.

    The study's margin is one of its own metric, and counts for no other; ratios have no margin.

    Raises:
        UserError: as :func:`engine.study.contrasts.contrasts_of`.
    """
    metric = hypothesis.metric or study.metric
    own = study.margin if metric == study.metric else 0.0
    claim = Claim(hypothesis.expect, hypothesis.margin if hypothesis.margin is not None else own)
    runs = sample(study.cells, outcomes, metric, kept_out)
    parts = tuple(MeasuredPart(part.levels, tuple(_measured(contrast, runs, claim) for contrast in part.contrasts))
                  for part in contrasts_of(study, hypothesis))
    return MeasuredHypothesis(hypothesis, metric, claim, runs, parts)


def _measured(contrast: Contrast, runs: Sample, claim: Claim) -> Measured:
    own = {cell: runs[cell] for cell in contrast.weights}
    logged = {cell: found for cell, each in own.items() if (found := each.logged()) is not None}
    relative = _scaled(contrast, logged, Claim(claim.expect)) if len(logged) == len(own) else None
    return Measured(contrast, own, _scaled(contrast, own, claim), relative)


def _scaled(contrast: Contrast, runs: Sample, claim: Claim) -> Scaled:
    fitted = fit(contrast.weights, runs)
    rounding = sum(abs(weight) * runs[cell].rounding for cell, weight in contrast.weights.items())
    return Scaled(fitted, rounding, weigh(fitted, claim, rounding) if fitted.test else None,
                  observe(fitted.value, claim, rounding))


def _together(scales: Sequence[Scaled | None]) -> Evidence | None:
    """All contrasts must hold, so the weakest supports (Berger, 1982); any may refute, so Bonferroni corrects those."""
    tested = [scale.evidence for scale in scales if scale is not None and scale.evidence is not None]
    if not tested:
        return None
    support = max(each.support for each in tested) if len(tested) == len(scales) else 1.0
    return Evidence(support, min(1.0, len(scales) * min(each.refute for each in tested)))
