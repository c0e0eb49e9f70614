"""Judging a study's hypotheses across seeds: contrasts, tests, verdicts, and the sentences that tell them."""

from engine.analysis.judging.contrasts import Contrast, Part, contrasts_of
from engine.analysis.judging.judgement import (
    Estimate,
    JudgedContrast,
    JudgedPart,
    Judgement,
    Need,
    Note,
    Observed,
    Verdict,
)

__all__ = ["Contrast", "Estimate", "JudgedContrast", "JudgedPart", "Judgement", "Need", "Note", "Observed", "Part",
           "Verdict", "contrasts_of"]
