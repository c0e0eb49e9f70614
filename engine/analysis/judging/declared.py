"""Whether a study's hypotheses were declared before its results, as its versions and runs tell."""

from __future__ import annotations

from collections.abc import Sequence

from engine.analysis.judging.judgement import ALPHA, Note
from engine.store import Run
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study
from engine.study.versions import StudyVersion


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
