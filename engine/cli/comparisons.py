"""Two runs on the same test pictures, for each task: what ``compare`` prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.analysis.box_pairs import compare_boxes
from engine.analysis.checkpoint_pairs import compare_checkpoints, evidence_sentence
from engine.analysis.errors import compare_errors
from engine.analysis.slices import Change, corrected, slice_changes
from engine.evaluation.box_results import load_detection_results, measured
from engine.evaluation.results import load_results
from engine.evaluation.slices import slices_of
from engine.store import Run, Store
from engine.words import counted


@dataclass(frozen=True)
class Compared:
    """The changes from one run to another, for printing.

    Attributes:
        metric: the key of the metric that ``changes`` are of.
        whole: changes over all pictures, not corrected.
        changes: changes of classes and slices.
        lines: sentences on all pictures.
        document: what ``--json`` prints besides the changes.
    """

    metric: str
    whole: Sequence[Change]
    changes: Sequence[Change]
    lines: Sequence[str]
    document: dict[str, Any]


def compare_classifiers(store: Store, runs: Sequence[Run], slices: str) -> Compared:
    a, b = (load_results(store, run) for run in runs)
    errors, evidence = compare_errors(a, b), compare_checkpoints(a.predictions, b.predictions)
    divided = slices_of(runs[1], b.evaluation, b.ids, slices)
    gain = evidence.gain
    whole = Change("", "top-1", evidence.pictures, a.metrics["top1"], b.metrics["top1"], gain.low, gain.high,
                   evidence.p)
    told = evidence_sentence(gain, evidence.pictures, "exact McNemar test", evidence.p)
    lines = [f"fixed {evidence.fixed:,}, broken {evidence.broken:,}, both wrong "
             f"{counted(evidence.both_wrong, 'picture')}", f"these two checkpoints {told}", divided.note]
    return Compared("top1", [whole], errors.changes(divided.found), [line for line in lines if line], {
        "fixed": evidence.fixed, "broken": evidence.broken, "both_wrong": evidence.both_wrong})


def compare_detectors(store: Store, runs: Sequence[Run], slices: str) -> Compared:
    results = [load_detection_results(store, run) for run in runs]
    found = compare_boxes(runs, results)
    divided = slices_of(runs[1], results[1].evaluation, results[1].predictions.ids, slices)
    before, after = (measured(run, each.predictions) for run, each in zip(runs, results, strict=True))
    changes = corrected([*found.parts, *slice_changes(before, after, "map", divided.found)])
    told = evidence_sentence(found.gain, found.pictures, "t test of mAP", found.map.p)
    return Compared("map", [found.map, found.map50], changes, list(filter(None, [
        f"these two checkpoints {told}", divided.note])), {})
