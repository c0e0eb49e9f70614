"""Notes beside a verdict, for careful readers."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from engine.analysis.judging.judgement import JudgedPart, Note, Verdict
from engine.analysis.judging.looks import Look
from engine.analysis.judging.measurement import Measured, MeasuredHypothesis
from engine.analysis.judging.sample import CellRuns
from engine.catalog.metrics import METRICS
from engine.store import Run
from engine.study.hypothesis import Hypothesis
from engine.study.study import Study
from engine.study.versions import StudyVersion, older_runs

_UNEQUAL = 3.0
"""Ratio of spreads above which the mixed model's assumption of one spread is badly violated."""


def notes_of(measured: MeasuredHypothesis, parts: Sequence[JudgedPart], alpha: float) -> tuple[Note, ...]:
    """Return the notes on a hypothesis, each kind once."""
    contrasts = [contrast for part in measured.parts for contrast in part.contrasts]
    used = {cell: runs for contrast in contrasts for cell, runs in contrast.sample.items()}
    return (
        *_if("kept out", sum(runs.kept_out for runs in used.values())),
        *_if("unmeasured", sum(runs.unmeasured for runs in used.values())),
        *_if("unmatched", max(contrast.contrast.unmatched for contrast in contrasts)),
        *_if("no margin", measured.claim.expect == "none" and measured.claim.margin == 0),
        *_if("rounding", any(_within_rounding(contrast) for contrast in contrasts)),
        *_if("no ratio", any(_without_ratio(contrast) for contrast in contrasts)),
        *_if("no spread", any(contrast.absolute.fitted.untested == "no spread" for contrast in contrasts)),
        *_if("at bound", sum(_at_bound(contrast, measured.metric) for contrast in contrasts)),
        *_if("unequal spread", any(_has_unequal_spreads(contrast) for contrast in contrasts)),
        *_if("uncorrected", sum(_lost_to_correction(part, alpha) for part in parts)),
        *_pictures(parts),
        *_if("one scale", sum(_on_one_scale(part) for part in parts)),
        *_if("bent", sum(_is_bent(contrast) for contrast in contrasts) if _is_plain_trend(measured.hypothesis) else 0),
    )


def _if(key: str, count: int) -> Iterator[Note]:
    if count:
        yield Note(key, {"count": int(count)})


def _pictures(parts: Sequence[JudgedPart]) -> Iterator[Note]:
    """Yield a note where the test pictures leave more open than training does."""
    open_shares = [contrast.picture_share for part in parts if part.verdict is Verdict.INCONCLUSIVE
                   for contrast in part.contrasts]
    if open_shares and max(open_shares) > 0.5:
        yield Note("pictures", {"percent": f"{max(open_shares):.0%}"})


def _within_rounding(measured: Measured) -> bool:
    value = measured.absolute.fitted.value
    return value is not None and abs(value) <= measured.absolute.rounding != 0


def _without_ratio(measured: Measured) -> bool:
    return measured.relative is None and measured.absolute.fitted.value is not None


def _at_bound(measured: Measured, metric: str) -> int:
    """Count the values at 0 % or 100 %, where the spread is compressed and a t interval is approximate."""
    if METRICS[metric].unit != "share" or measured.absolute.evidence is None:
        return 0
    return sum(value <= 0 or value >= 1 for runs in measured.sample.values() for value in runs.values)


def _has_unequal_spreads(measured: Measured) -> bool:
    spreads = [runs.spread or 0.0 for runs in measured.sample.values()]
    return measured.absolute.fitted.test == "mixed" and max(spreads) > _UNEQUAL * min(spreads)


def _lost_to_correction(part: JudgedPart, alpha: float) -> bool:
    alone = [each.absolute.p for each in part.contrasts if each.absolute and each.absolute.p is not None]
    return part.verdict is Verdict.INCONCLUSIVE and len(alone) == len(part.contrasts) and max(alone) < alpha


def _on_one_scale(part: JudgedPart) -> bool:
    """Return whether only one of two judged scales is decisive."""
    verdicts = {part.verdict, part.relative_verdict}
    return None not in verdicts and len(verdicts) == 2 and Verdict.INCONCLUSIVE in verdicts


def _is_plain_trend(hypothesis: Hypothesis) -> bool:
    return hypothesis.kind == "trend" and not hypothesis.between


def _is_bent(measured: Measured) -> bool:
    """Return whether the means of a trend turn back by more than twice a step's error: a line does not tell all.

    A cell's weight grows with its place on the axis, so weights give the order.
    """
    if measured.absolute.fitted.value is None:
        return False
    by_place: dict[float, list[CellRuns]] = {}
    for cell, weight in measured.contrast.weights.items():
        by_place.setdefault(round(weight, 12), []).append(measured.sample[cell])
    places = [by_place[place] for place in sorted(by_place)]
    steps = np.diff([np.mean([runs.values.mean() for runs in place]) for place in places])
    errors = np.array([sum((runs.spread or 0.0) ** 2 / len(runs) for runs in place) / len(place) ** 2
                       for place in places])
    least = np.maximum(measured.absolute.rounding, 2 * np.sqrt(errors[1:] + errors[:-1]))
    return bool((steps > least).any() and (steps < -least).any())


def declared_notes(study: Study, versions: Sequence[StudyVersion], runs: Sequence[Run],
                   look: Look) -> tuple[Note, ...]:
    """Return notes on the order in which hypotheses, seeds and results appeared.

    A hypothesis is declared by the first version that has it unchanged, with its metric and margin; a result is known
    since its run was created. Runs that are older than the study are counted in a note of their own: that it reuses
    them says nothing of its hypotheses. Those on imported results are always declared after them.

    Args:
        versions: all versions of the study, oldest first.
        runs: the runs of its outcomes.
    """
    names = [hypothesis.name for hypothesis in study.hypotheses]
    if not names or not runs:
        return ()
    older, notes = {run.id for run in older_runs(versions, runs)}, []
    if any(run.is_imported for run in runs):
        notes.append(Note("imported", {"names": ", ".join(names)}))
    elif late := _late(study, versions, [run for run in runs if run.id not in older]):
        notes.append(Note("declared late", {"names": ", ".join(late)}))
    if older:
        notes.append(Note("older runs", {"count": len(older), "total": len(runs)}))
    if look.number > 1:
        notes.append(Note("seeds changed", {"look": look.number, "percent": f"{look.alpha:.2%}"}))
    return tuple(notes)


def _late(study: Study, versions: Sequence[StudyVersion], runs: Sequence[Run]) -> list[str]:
    """Return the hypotheses that were declared or changed after the first of these runs was created."""
    if not runs:
        return []
    first = min(run.created_at for run in runs)
    known = [version for version in versions if version.created_at <= first]
    early = {_meaning(version.study, hypothesis) for version in known for hypothesis in version.study.hypotheses}
    return [hypothesis.name for hypothesis in study.hypotheses if _meaning(study, hypothesis) not in early]


def shared_notes(study: Study, runs: Sequence[Run], studies: Collection[str]) -> tuple[Note, ...]:
    """Return a note on the results that other studies read as well, so that looks at them are not counted here.

    A run is tagged with the study that launched it.

    Args:
        runs: the runs of its outcomes.
        studies: the names of all studies.
    """
    others = [{*run.tags} & {*studies} for run in runs if study.name not in run.tags and not run.is_imported]
    names = sorted(set().union(*others))
    if not names:
        return ()
    return (Note("shared", {"count": sum(map(bool, others)), "names": ", ".join(names)}),)


def _meaning(study: Study, hypothesis: Hypothesis) -> str:
    """Return everything that defines a hypothesis as text; its claim in words may be edited later."""
    margin, ratio_margin = study.margins(hypothesis)
    return hypothesis.model_copy(update={"claim": "", "metric": hypothesis.metric or study.metric, "margin": margin,
                                         "ratio_margin": ratio_margin}).model_dump_json()
