"""Verdicts on a study's hypotheses, with one correction over all tests."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.analysis.judging.claims import Evidence, distance, inside_margin, interval, level_of
from engine.analysis.judging.judgement import (
    Estimate,
    JudgedContrast,
    JudgedPart,
    Judgement,
    Observed,
    Verdict,
)
from engine.analysis.judging.looks import Look
from engine.analysis.judging.measurement import Measured, MeasuredHypothesis, MeasuredPart, Scaled, measure
from engine.analysis.judging.needs import needs_of
from engine.analysis.judging.notes import notes_of
from engine.analysis.judging.numbers import digits_of
from engine.analysis.judging.significance import effect_size, holm
from engine.study.outcomes import Outcome
from engine.study.study import Study

Adjusted = dict[int, float]
"""p after Holm's correction, by the ``id`` of a part."""


def judge(study: Study, outcomes: Sequence[Outcome], kept_out: Collection[int] = (),
          look: Look | None = None) -> list[Judgement]:
    """Judge every hypothesis of the study across seeds, in order.

    Each part of a hypothesis has one test, and Holm's correction (1979) counts all parts of the study that have one:
    the probability of any false claim is at most the look's. The relative scale is a separate family. A hypothesis is
    supported if all its parts are, and refuted if one is. Withheld parts have no test yet, but count in the family.

    Args:
        kept_out: ids of runs to exclude.
        look: what may be read; by default everything, as the only look.

    Raises:
        UserError: a hypothesis compares levels that the study does not have.
    """
    look = look or Look()
    measured = [measure(study, hypothesis, outcomes, kept_out, look.awaited) for hypothesis in study.hypotheses]
    parts = [part for each in measured for part in each.parts]
    withheld = sum(part.withheld for part in parts)
    absolute = _adjust({id(part): part.absolute for part in parts}, withheld)
    relative = _adjust({id(part): part.relative for part in parts}, withheld)
    family = len(absolute) + withheld
    return [_judgement(each, absolute, relative, look, family, len(parts)) for each in measured]


def _adjust(evidence: dict[int, Evidence | None], withheld: int) -> Adjusted:
    tested = {key: found.p for key, found in evidence.items() if found is not None}
    return dict(zip(tested, holm([*tested.values(), *[1.0] * withheld]), strict=False))


def _judgement(measured: MeasuredHypothesis, absolute: Adjusted, relative: Adjusted, look: Look,
               family: int, planned: int) -> Judgement:
    parts = tuple(_part(part, measured, absolute.get(id(part)), relative.get(id(part)), look.alpha)
                  for part in measured.parts)
    verdict = _combine_verdicts([part.verdict for part in parts])
    ratios = [part.relative_verdict for part in parts if part.relative_verdict is not None]
    return Judgement(
        measured.hypothesis, measured.metric, measured.claim.margin,
        math.exp(measured.relative.margin) if measured.relative else 1.0, verdict,
        _combine_verdicts(ratios) if ratios else None, any(_disagree(part) for part in parts), parts,
        combine_observed([part.observed for part in parts]),
        combine_observed([part.observed_relative for part in parts]),
        needs_of(measured, [part.verdict for part in parts], look.next_alpha / planned),
        notes_of(measured, parts, look.alpha), family, look.alpha,
        look.planned - max((look.awaited.get(cell, 0) for cell in measured.cells), default=0), look.planned)


def _part(part: MeasuredPart, of: MeasuredHypothesis, absolute: float | None, relative: float | None,
          alpha: float) -> JudgedPart:
    contrasts = tuple(_contrast(each, of.metric, _factor(part.absolute, absolute), _factor(part.relative, relative))
                      for each in part.contrasts)
    if part.withheld:
        contrasts = tuple(_provisional(each) for each in contrasts)
    observed_relative = [each.relative.observed if each.relative else Observed.UNKNOWN for each in part.contrasts]
    verdict, relative_verdict = (Verdict.WITHHELD if part.withheld else _verdict(evidence, p, alpha)
                                 for evidence, p in ((part.absolute, absolute), (part.relative, relative)))
    return JudgedPart(part.levels, contrasts, verdict, relative_verdict if of.relative else None,
                      combine_observed([each.observed for each in contrasts]), combine_observed(observed_relative),
                      absolute, _decisive(part, verdict), part.title)


def _decisive(part: MeasuredPart, verdict: Verdict) -> int:
    """Return the place of the contrast whose test decided the part, or keeps it open; one without a value first."""
    def open_to_doubt(scaled: Scaled) -> tuple[bool, float, float]:
        value, evidence = scaled.fitted.value, scaled.evidence
        if value is None:
            return True, 0.0, 0.0
        against = -distance(value, scaled.claim)
        if evidence is None:
            return False, 1.0, against
        return False, -evidence.refute if verdict is Verdict.REFUTED else evidence.support, against

    places = range(len(part.contrasts))
    return max(places, key=lambda place: open_to_doubt(part.contrasts[place].absolute))


def _provisional(contrast: JudgedContrast) -> JudgedContrast:
    """Return the figures without a test."""
    absolute, relative = (each and Estimate(each.value) for each in (contrast.absolute, contrast.relative))
    return replace(contrast, absolute=absolute, relative=relative, test="", df=None, untested="")


def _contrast(measured: Measured, metric: str, factor: float, relative_factor: float) -> JudgedContrast:
    fitted, weights = measured.absolute.fitted, measured.contrast.weights
    relative = _estimate(measured.relative, relative_factor) if measured.relative else None
    return JudgedContrast(
        measured.contrast, _estimate(measured.absolute, factor), _as_ratio(relative) if relative else None,
        fitted.test, fitted.df if fitted.test else None, {cell: len(runs) for cell, runs in measured.sample.items()},
        effect_size(fitted.value, weights, measured.sample) if fitted.test and fitted.value is not None else None,
        measured.absolute.rounding, digits_of(metric, max(runs.rounding for runs in measured.sample.values())),
        measured.absolute.observed, fitted.pictures, fitted.picture_share, fitted.untested)


def _estimate(scaled: Scaled, factor: float) -> Estimate | None:
    if scaled.fitted.value is None:
        return None
    if scaled.evidence is None:
        return Estimate(scaled.fitted.value, *interval(scaled.fitted)) if scaled.fitted.test else \
            Estimate(scaled.fitted.value)
    p, level = scaled.evidence.p, level_of(scaled.claim, scaled.evidence)
    return Estimate(scaled.fitted.value, *interval(scaled.fitted, level), p, min(1.0, p * factor), level,
                    inside_margin(scaled.fitted, scaled.claim))


def _as_ratio(estimate: Estimate) -> Estimate:
    low, high = (None if end is None else _exp(end) for end in (estimate.low, estimate.high))
    return replace(estimate, value=_exp(estimate.value), low=low, high=high)


def _exp(value: float) -> float:
    """Return the exponential; infinity if it overflows, as it can with two seeds."""
    return math.exp(value) if value < 700 else math.inf


def _factor(evidence: Evidence | None, adjusted: float | None) -> float:
    """Return the factor by which Holm's correction multiplied the part's p."""
    return adjusted / evidence.p if evidence and adjusted and evidence.p > 0 else 1.0


def _verdict(evidence: Evidence | None, adjusted: float | None, alpha: float) -> Verdict:
    if evidence is None or adjusted is None or adjusted >= alpha:
        return Verdict.INCONCLUSIVE
    return Verdict.SUPPORTED if evidence.support < evidence.refute else Verdict.REFUTED


def _combine_verdicts(verdicts: Sequence[Verdict]) -> Verdict:
    for decisive in (Verdict.REFUTED, Verdict.WITHHELD):
        if decisive in verdicts:
            return decisive
    return Verdict.SUPPORTED if all(each is Verdict.SUPPORTED for each in verdicts) else Verdict.INCONCLUSIVE


def combine_observed(observed: Sequence[Observed]) -> Observed:
    """Combine claims that must all hold: one against refutes, one unknown leaves it open."""
    for worst in (Observed.AGAINST, Observed.UNKNOWN, Observed.EQUAL):
        if worst in observed:
            return worst
    return Observed.AGREES


def _disagree(part: JudgedPart) -> bool:
    """Return whether both scales decide differently, or point to opposite sides before a test."""
    verdicts = {part.verdict, part.relative_verdict}
    if verdicts == {Verdict.SUPPORTED, Verdict.REFUTED}:
        return True
    untested = not any(each.test for each in part.contrasts)
    return (untested or len(verdicts) == 2) and None not in verdicts and \
        {part.observed, part.observed_relative} == {Observed.AGREES, Observed.AGAINST}
