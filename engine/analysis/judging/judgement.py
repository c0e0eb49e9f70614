"""The judgement of a hypothesis: each contrast with its interval and test, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.study.contrasts import Contrast, Levels
from engine.study.factors import CellKey
from engine.study.hypothesis import Hypothesis

LEVEL, EQUIVALENCE_LEVEL = 0.95, 0.90
"""Confidence levels of the intervals, uncorrected; at 5 %, two one-sided tests match an interval of 90 %."""


class Verdict(StrEnum):
    """The verdict of a test across seeds."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    WITHHELD = "withheld"
    """Planned seeds are still to come."""


class Observed(StrEnum):
    """What the estimate says, without a test."""

    AGREES = "agrees"
    AGAINST = "against"
    EQUAL = "equal"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Estimate:
    """A contrast on one scale.

    Attributes:
        value: contrast of cell means in the metric's unit; on the relative scale a ratio, where 1 is no difference.
        low, high: its confidence interval, not corrected; None if not tested.
        p: two-sided, for the null hypothesis of no difference, or of a difference of exactly the margin. For
            ``expect: none`` the larger p of the two one-sided tests of equivalence, or that of a difference beyond the
            margin if it is smaller.
        p_holm: after Holm's correction over all tests of the study on this scale.
        level: confidence level of the interval: 95 %, and 90 % for equivalence, whose two tests it matches.
        inside: for equivalence, the probability that the contrast lies within the margin, 0–1.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    level: float = LEVEL
    inside: float | None = None


@dataclass(frozen=True)
class JudgedContrast:
    """A contrast with its estimates and test.

    Attributes:
        absolute: the estimate as a difference; None if a cell has no usable run.
        relative: the estimate as a ratio, from the contrast of logarithms (for an interaction, a ratio of ratios); also
            None if a value is not positive.
        test: a key of :data:`engine.analysis.judging.significance.TESTS`; empty if not tested.
        df: degrees of freedom of the test.
        runs: number of usable runs by cell.
        effect: Hedges' g: the estimate over the mean spread of a cell's seeds, corrected for few seeds.
        rounding: largest error of the value from rounded inputs, in the same unit.
        digits: decimals to print, in the displayed unit.
        pictures: number of test pictures whose chance the error counts as well; 0 if their values are not known.
        picture_share: the share of the variance that they give, 0–1; the rest is that of training.
        untested: why there is no test: a key of :data:`engine.analysis.judging.words.UNTESTED`, else empty.
    """

    contrast: Contrast
    absolute: Estimate | None
    relative: Estimate | None
    test: str
    df: float | None
    runs: Mapping[CellKey, int]
    effect: float | None
    rounding: float
    digits: int
    observed: Observed
    pictures: int = 0
    picture_share: float = 0.0
    untested: str = ""


@dataclass(frozen=True)
class JudgedPart:
    """A part of a hypothesis.

    Attributes:
        relative_verdict: None if ratios have no margin where differences have one.
        p_holm: the p that decided, after all corrections; None if not tested.
        decisive: the place of the contrast that decided, or that keeps the part open.
        title: the levels in words.
    """

    levels: Levels
    contrasts: tuple[JudgedContrast, ...]
    verdict: Verdict
    relative_verdict: Verdict | None
    observed: Observed
    observed_relative: Observed
    p_holm: float | None
    decisive: int = 0
    title: str = ""


@dataclass(frozen=True)
class Need:
    """Further runs that a verdict needs.

    Attributes:
        cells: cells that need further seeds.
        seeds: further seeds in each of the cells; None if there are too many, or if none would suffice.
        reason: a key of :data:`engine.analysis.judging.words.NEEDS`.
    """

    cells: tuple[CellKey, ...]
    seeds: int | None
    reason: str


@dataclass(frozen=True)
class Note:
    """A note for readers: a key of :data:`engine.analysis.judging.words.NOTES`, and its values."""

    key: str
    values: Mapping[str, str | int | float]


@dataclass(frozen=True)
class Variant:
    """A verdict under another choice: a key of :data:`engine.analysis.judging.words.VARIANTS`, and its values."""

    key: str
    verdict: Verdict
    values: Mapping[str, str | int | float]


@dataclass(frozen=True)
class Judgement:
    """The judgement of a hypothesis. The verdict is that of the absolute scale.

    Attributes:
        metric: its metric, a key of :data:`engine.catalog.metrics.METRICS`.
        margin, ratio_margin: what a difference, in the metric's unit, and a ratio must exceed.
        relative_verdict: of the ratio; None if it has no margin where the difference has one.
        scales_disagree: difference and ratio decide differently, or point to opposite sides.
        tested: number of tested or withheld parts of all hypotheses, the size of Holm's family.
        alpha: what the corrected p of a claim must be below.
        seeds_in, planned: how many of each cell's planned seeds are in, at least.
        variants: the verdicts under other choices.
    """

    hypothesis: Hypothesis
    metric: str
    margin: float
    ratio_margin: float
    verdict: Verdict
    relative_verdict: Verdict | None
    scales_disagree: bool
    parts: tuple[JudgedPart, ...]
    observed: Observed
    observed_relative: Observed
    needs: tuple[Need, ...]
    notes: tuple[Note, ...]
    tested: int
    alpha: float
    seeds_in: int
    planned: int
    variants: tuple[Variant, ...] = ()

    @property
    def turned(self) -> Variant | None:
        """The variant with all runs, if only excluding some makes the verdict."""
        return next((each for each in self.variants if each.key == "excluded" and each.verdict is not self.verdict),
                    None)
