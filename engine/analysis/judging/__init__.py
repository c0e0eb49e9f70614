"""Judging a study's hypotheses across seeds: contrasts, tests, verdicts, and their sentences."""

from engine.analysis.judging.judge import judge
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
from engine.analysis.judging.sentences import details, need_text, note_text, sentence, verdict_name
from engine.study.contrasts import Contrast, Part, contrasts_of

__all__ = ["Contrast", "Estimate", "JudgedContrast", "JudgedPart", "Judgement", "Need", "Note", "Observed", "Part",
           "Verdict", "contrasts_of", "details", "judge", "need_text", "note_text", "sentence", "verdict_name"]
