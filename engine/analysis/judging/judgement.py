"""What came of a hypothesis: each contrast with its interval and test, and the verdict that follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.study.contrasts import Contrast, Levels
from engine.study.factors import CellKey
from engine.study.hypothesis import Hypothesis

ALPHA = 0.05
"""The probability of any wrong claim in a study whose recipes do not differ."""
LEVEL = 0.95
"""Of intervals, each on its own."""


class Verdict(StrEnum):
    """Of a test across seeds."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


class Observed(StrEnum):
    """What the numbers at hand say, without any test."""

    AGREES = "agrees"
    AGAINST = "against"
    EQUAL = "equal"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Estimate:
    """A contrast on one scale.

    Attributes:
        value: of cell means, in the metric's own unit; on the relative scale a ratio, 1 meaning no difference.
        low, high: 95 % interval of it, not corrected; None where nothing was tested.
        p: two-sided, against the null of no difference (or of exactly the margin, where one is declared); of
            ``expect: none`` the larger of the two one-sided tests of equivalence, or that of a difference beyond the
            margin if it is smaller.
        p_holm: after Holm's correction over all that the study tests on this scale.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class JudgedContrast:
    """A contrast and what the runs say of it.

    Attributes:
        absolute: None where a cell has no run to count.
        relative: the same contrast of logarithms, as a ratio (of an interaction, a ratio of ratios); None too where a
            value is not above zero.
        test: a key of :data:`engine.analysis.judging.significance.TESTS`; empty where nothing was tested.
        df: the test's degrees of freedom.
        runs: how many count, by cell.
        effect: Hedges' g: the estimate over the mean spread of a cell's seeds, corrected for few seeds.
        rounding: how far the value may be off because its inputs were printed with few digits; same unit.
        digits: after the point, in the unit people see, that the inputs carry.
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
    untested: str = ""


@dataclass(frozen=True)
class JudgedPart:
    """A part of a hypothesis; ``p_holm`` is None where nothing was tested."""

    levels: Levels
    contrasts: tuple[JudgedContrast, ...]
    verdict: Verdict
    relative_verdict: Verdict
    observed: Observed
    observed_relative: Observed
    p_holm: float | None


@dataclass(frozen=True)
class Need:
    """Runs that would let a hypothesis be decided.

    Attributes:
        cells: each needs so many.
        seeds: more in each of the cells; None where more than any study would run.
        reason: a key of :data:`engine.analysis.judging.words.NEEDS`.
    """

    cells: tuple[CellKey, ...]
    seeds: int | None
    reason: str


@dataclass(frozen=True)
class Note:
    """What a reader should know besides: a key of :data:`engine.analysis.judging.words.NOTES`, and its numbers."""

    key: str
    values: Mapping[str, str | int | float]


@dataclass(frozen=True)
class Judgement:
    """A hypothesis, judged. The verdict is that of the absolute scale.

    Attributes:
        metric: the metric it is about, by its name in :data:`engine.catalog.metrics.METRICS`.
        margin: in the metric's unit; counts on the absolute scale alone.
        scales_disagree: the contrast points one way as a difference and the other as a ratio.
        tested: how many parts of all hypotheses were tested, which is what Holm's correction counts.
    """

    hypothesis: Hypothesis
    metric: str
    margin: float
    verdict: Verdict
    relative_verdict: Verdict
    scales_disagree: bool
    parts: tuple[JudgedPart, ...]
    observed: Observed
    observed_relative: Observed
    needs: tuple[Need, ...]
    notes: tuple[Note, ...]
    tested: int
