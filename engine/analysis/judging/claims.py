"""Evidence of an estimate for or against a claim."""

from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from engine.analysis.judging.judgement import EQUIVALENCE_LEVEL, LEVEL, Observed
from engine.analysis.judging.significance import Fitted

_NOISE = 1e-12
"""Tolerance for floating-point errors of values around 1."""


@dataclass(frozen=True)
class Claim:
    """What is expected of a contrast: a key of :data:`engine.study.hypothesis.EXPECTATIONS`, and a margin."""

    expect: str
    margin: float = 0.0

    @property
    def sign(self) -> int:
        return -1 if self.expect == "lower" else 1


@dataclass(frozen=True)
class Evidence:
    """The p-values of the null hypotheses that the claim is false (``support``) and that it is true (``refute``)."""

    support: float
    refute: float

    @property
    def p(self) -> float:
        return min(self.support, self.refute)


def weigh(fitted: Fitted, claim: Claim, rounding: float = 0.0) -> Evidence:
    """Return both p-values; 1 if rounding of the inputs could make the claim true or false.

    A direction is tested two-sided against the margin, so that at most one of the two is below 1. Equivalence is
    supported by two one-sided tests (Schuirmann, 1987), and refuted by a difference beyond the margin, two-sided.
    """
    value = fitted.value or 0.0
    ahead = distance(value, claim)
    if abs(ahead) <= max(rounding, _NOISE):
        return Evidence(1.0, 1.0)
    if claim.expect == "none":
        inside = _above((claim.margin - abs(value)) / fitted.error, fitted.df) if claim.margin > 0 else 1.0
        return Evidence(inside, min(1.0, 2 * _above(-ahead / fitted.error, fitted.df)))
    p = 2 * _above(abs(ahead) / fitted.error, fitted.df)
    return Evidence(p, 1.0) if ahead > 0 else Evidence(1.0, p)


def interval(fitted: Fitted, level: float = LEVEL) -> tuple[float, float]:
    """Return the confidence interval of the estimate."""
    half = float(stdtrit(fitted.df, (1 + level) / 2)) * fitted.error
    return (fitted.value or 0.0) - half, (fitted.value or 0.0) + half


def level_of(claim: Claim, evidence: Evidence) -> float:
    """Return the level of the interval that matches the test: 90 % for the two one-sided tests of equivalence."""
    return EQUIVALENCE_LEVEL if claim.expect == "none" and evidence.support <= evidence.refute else LEVEL


def inside_margin(fitted: Fitted, claim: Claim) -> float | None:
    """Return the probability that the contrast lies within the margin, 0–1; None without a claim of equivalence.

    It is the posterior under a flat prior, Student's t around the estimate (Benavoli et al., 2017, JMLR 18, whose
    region of practical equivalence the margin is).
    """
    if claim.expect != "none" or not claim.margin:
        return None
    low, high = ((end - (fitted.value or 0.0)) / fitted.error for end in (-claim.margin, claim.margin))
    return float(stdtr(fitted.df, high) - stdtr(fitted.df, low))


def observe(value: float | None, claim: Claim, rounding: float = 0.0) -> Observed:
    """Return what the estimate says without a test; differences within the margin or within rounding count as none."""
    if value is None:
        return Observed.UNKNOWN
    if claim.expect == "none":
        return Observed.AGREES if abs(value) <= max(claim.margin, rounding, _NOISE) else Observed.AGAINST
    if abs(value) <= max(claim.margin, rounding, _NOISE):
        return Observed.EQUAL
    return Observed.AGREES if value * claim.sign > 0 else Observed.AGAINST


def distance(value: float, claim: Claim) -> float:
    """Return the distance of an estimate from the limit of the claim; positive if the claim holds."""
    return claim.margin - abs(value) if claim.expect == "none" else claim.sign * value - claim.margin


def _above(t: float, df: float) -> float:
    """Return Student's upper tail; pages import this, and ``scipy.stats`` takes seconds to import."""
    return float(stdtr(df, -t))
