"""What a careful reader would ask about a verdict, told beside it."""

from collections.abc import Iterator, Sequence

from engine.analysis.judging.judgement import ALPHA, JudgedPart, Note, Verdict
from engine.analysis.judging.measurement import Measured, MeasuredHypothesis
from engine.catalog.metrics import METRICS
from engine.store import Run
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study
from engine.study.versions import StudyVersion

_UNEQUAL = 3.0
"""From this ratio of spreads on, the mixed model's one spread for all cells is far from the truth."""


def notes_of(measured: MeasuredHypothesis, parts: Sequence[JudgedPart]) -> tuple[Note, ...]:
    """Notes on a hypothesis, each kind once."""
    contrasts = [contrast for part in measured.parts for contrast in part.contrasts]
    used = {cell: runs for contrast in contrasts for cell, runs in contrast.sample.items()}
    return (
        *_if("kept out", sum(runs.kept_out for runs in used.values())),
        *_if("unmeasured", sum(runs.unmeasured for runs in used.values())),
        *_if("unmatched", max(contrast.contrast.unmatched for contrast in contrasts)),
        *_if("no margin", measured.claim.expect == "none" and measured.claim.margin == 0),
        *_if("rounding", any(_hidden(contrast) for contrast in contrasts)),
        *_if("no ratio", any(_without_ratio(contrast) for contrast in contrasts)),
        *_if("no spread", any(contrast.absolute.fitted.untested == "no spread" for contrast in contrasts)),
        *_if("at bound", sum(_at_bound(contrast, measured.metric) for contrast in contrasts)),
        *_if("unequal spread", any(_unequal(contrast) for contrast in contrasts)),
        *_if("uncorrected", sum(_lost_to_correction(part) for part in parts)),
        *_if("one scale", sum(_on_one_scale(part, measured.claim.margin) for part in parts)),
    )


def _if(key: str, count: int) -> Iterator[Note]:
    if count:
        yield Note(key, {"count": int(count)})


def _hidden(measured: Measured) -> bool:
    value = measured.absolute.fitted.value
    return value is not None and abs(value) <= measured.absolute.rounding != 0


def _without_ratio(measured: Measured) -> bool:
    return measured.relative is None and measured.absolute.fitted.value is not None


def _at_bound(measured: Measured, metric: str) -> int:
    """How many figures cannot go higher or lower: there a spread is squeezed, and a t interval approximate."""
    if METRICS[metric].unit != "share" or measured.absolute.evidence is None:
        return 0
    return sum(value <= 0 or value >= 1 for runs in measured.sample.values() for value in runs.values)


def _unequal(measured: Measured) -> bool:
    spreads = [runs.spread or 0.0 for runs in measured.sample.values()]
    return measured.absolute.fitted.test == "mixed" and max(spreads) > _UNEQUAL * min(spreads)


def _lost_to_correction(part: JudgedPart) -> bool:
    alone = [each.absolute.p for each in part.contrasts if each.absolute and each.absolute.p is not None]
    return part.verdict is Verdict.INCONCLUSIVE and len(alone) == len(part.contrasts) and max(alone) < ALPHA


def _on_one_scale(part: JudgedPart, margin: float) -> bool:
    """A margin counts on one scale alone, so that there the two are bound to differ."""
    verdicts = {part.verdict, part.relative_verdict}
    return margin == 0 and len(verdicts) == 2 and Verdict.INCONCLUSIVE in verdicts


def declared_notes(study: Study, versions: Sequence[StudyVersion], runs: Sequence[Run]) -> tuple[Note, ...]:
    """What a reader should know of the order in which hypotheses, seeds and results came.

    A hypothesis counts as declared with the first version that has it as it is now, with its metric and margin; a
    result is known from when its run was created. Of results from elsewhere nothing here was declared before.

    Args:
        versions: all of the study's, oldest first.
        runs: those that its outcomes come from.
    """
    names = [hypothesis.name for hypothesis in study.hypotheses]
    if not names or not runs:
        return ()
    if any(run.is_imported for run in runs):
        return (Note("imported", {"names": ", ".join(names)}),)
    first = min(run.created_at for run in runs)
    known = [version for version in versions if version.created_at <= first]
    early = {_meaning(version.study, hypothesis) for version in known for hypothesis in version.study.hypotheses}
    late = [hypothesis.name for hypothesis in study.hypotheses if _meaning(study, hypothesis) not in early]
    notes = [Note("declared late", {"names": ", ".join(late)})] if late else []
    if any(set(study.seeds) - set(version.study.seeds) for version in known[-1:]):
        notes.append(Note("seeds added", {"percent": f"{ALPHA:.0%}"}))
    return tuple(notes)


def _meaning(study: Study, hypothesis: Hypothesis) -> str:
    """All that decides what a hypothesis says; its claim in words may be put better later."""
    metric = hypothesis.metric or study.metric
    margin = hypothesis.margin if hypothesis.margin is not None else study.margin if metric == study.metric else 0.0
    return hypothesis.model_copy(update={"claim": "", "metric": metric, "margin": margin}).model_dump_json()
