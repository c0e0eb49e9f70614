"""Whether a verdict stands under other choices: with excluded runs, at other margins, without a seed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from engine.analysis.judging.judge import judge
from engine.analysis.judging.judgement import Judgement, Variant, Verdict
from engine.analysis.judging.looks import Look
from engine.study.hypothesis import Hypothesis
from engine.study.outcomes import Outcome
from engine.study.study import Study

_LEAST_SEEDS = 3
"""Leaving out one of two seeds leaves no spread."""


def with_variants(judgements: Sequence[Judgement], study: Study, outcomes: Sequence[Outcome],
                  kept_out: Collection[int], look: Look) -> list[Judgement]:
    """Return the judgements with the verdicts that other choices give; one that is withheld has none.

    A run that was excluded, such as a collapsed one, may be a property of its recipe: the first variant counts all.
    """
    out = [run for run in kept_out if any(outcome.run == run for outcome in outcomes)]
    with_all = judge(study, outcomes, (), look) if out else []
    half, double = (judge(_rescaled(study, factor), outcomes, kept_out, look) for factor in (0.5, 2.0))
    seeds = sorted({outcome.seed for outcome in outcomes if outcome.seed is not None})
    without = {seed: judge(study, [outcome for outcome in outcomes if outcome.seed != seed], kept_out, look)
               for seed in seeds} if len(seeds) >= _LEAST_SEEDS else {}

    def variants(place: int, judgement: Judgement) -> Iterator[Variant]:
        excluded = [note.values for note in judgement.notes if note.key == "kept out"]
        if with_all and excluded:
            yield Variant("excluded", with_all[place].verdict, excluded[0])
        if all(part.p_holm is None for part in judgement.parts):
            return
        if judgement.margin:
            yield Variant("half", half[place].verdict, {})
            yield Variant("double", double[place].verdict, {})
        for verdict in Verdict:
            left = [seed for seed, judged in without.items() if judged[place].verdict is verdict]
            if len(left) == len(seeds):
                yield Variant("any seed", verdict, {})
            elif left and verdict is not judgement.verdict:
                yield Variant("seed", verdict, {"seeds": ", ".join(map(str, left))})

    return [judgement if judgement.verdict is Verdict.WITHHELD else
            replace(judgement, variants=tuple(variants(place, judgement)))
            for place, judgement in enumerate(judgements)]


def _rescaled(study: Study, factor: float) -> Study:
    """Return the study with all margins multiplied; ratios by a power, as on their logarithmic axis."""
    def scaled(hypothesis: Hypothesis) -> Hypothesis:
        margin, ratio_margin = study.margins(hypothesis)
        return hypothesis.model_copy(update={"margin": margin * factor, "ratio_margin": ratio_margin**factor})

    return study.model_copy(update={"hypotheses": tuple(scaled(each) for each in study.hypotheses)})
