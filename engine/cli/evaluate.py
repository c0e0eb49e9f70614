"""``evaluate`` and ``ensemble``: what checkpoints, and several runs together, say of pictures."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from engine.analysis.ensemble import Ensemble, Gain, combine, load_members
from engine.cli.output import percent, print_json, say, table
from engine.errors import ConfigError, UserError
from engine.evaluation.conditions import SPLITS, checkpoint_in_words, in_words
from engine.evaluation.metrics import METRICS
from engine.evaluation.requests import place_of_own, requested
from engine.evaluation.results import Results, load_results, load_temperature
from engine.store import Run, Store

_COLUMNS = ("checkpoint", "pictures", "seen", "top-1", "top-5", "loss", "precision", "recall", "F1",
            "F1 of means", "ECE")


def evaluate(arguments: argparse.Namespace) -> int:
    """Evaluate checkpoints of an ended run; what is stored already is not computed again."""
    store = Store.open()
    run = store.runs.find(arguments.run)
    if run.is_live:
        raise UserError(f"run {run.name} is {run.status}: it can be evaluated when it has ended or is paused")
    request = {name: getattr(arguments, name) for name in (
        "checkpoint", "split", "tta", "scales", "dataset", "data_path")}
    wanted = requested(run, request)
    # Everything that can be refused was; only now is torch worth its seconds.
    from engine.evaluation.evaluate import Evaluator

    evaluator = Evaluator(store, run, moved_to=place_of_own(request))
    done = [evaluator.evaluate(conditions) for conditions in wanted]
    found = [load_results(store, run, each.conditions) for each in done]
    if arguments.json:
        print_json([_document(store, run, results) for results in found])
        return 0
    table(_COLUMNS, [_row(results) for results in found])
    lines = [line for results in found for line in (*_calibrated(store, run, results), *results.remarks)]
    for line in dict.fromkeys(lines):
        say(line)
    return 0


def ensemble(arguments: argparse.Namespace) -> int:
    """Average the stored predictions of runs; nothing is trained or computed by a model."""
    store = Store.open()
    if arguments.weights not in ("mean", "fitted"):
        raise ConfigError("weights", arguments.weights, "mean or fitted")
    made = combine(load_members(store, [store.runs.find(ref) for ref in arguments.run]), arguments.weights)
    gain = made.gain()
    if arguments.json:
        print_json(_ensemble_document(made, gain, arguments.weights))
        return 0
    rows = [(f"{member.run.name} #{member.run.id}", f"{weight:.3f}", *_figures(metrics))
            for member, weight, metrics in zip(made.members, made.weights, made.of_members, strict=True)]
    table(("member", "weight", *_COLUMNS[3:]), [*rows, ("together", "", *_figures(made.metrics))])
    best = made.members[made.best].run
    say(f"gain over the best member ({best.name} #{best.id}): {points(gain.value)}, {gain.level:.0%} interval "
        f"{points(gain.low)} to {points(gain.high)}")
    for one, other in _pairs(len(made.members)):
        differ, shared = percent(made.disagreement[one, other]), percent(made.error_overlap[one, other])
        say(f"#{made.members[one].run.id} and #{made.members[other].run.id} disagree on {differ} of the pictures; "
            f"of those either gets wrong, both do {shared}")
    return 0


def points(difference: float) -> str:
    """A difference of accuracies in percentage points."""
    return f"{100 * difference:+.2f} points"


def _row(results: Results) -> tuple[str, ...]:
    conditions = results.evaluation.conditions
    pictures = conditions.dataset or SPLITS[conditions.split].split()[0].lower()
    return (checkpoint_in_words(results.evaluation), f"{len(results.ids):,} {pictures}", in_words(conditions),
            *_figures(results.metrics))


def _figures(metrics: dict[str, float]) -> tuple[str, ...]:
    macro = (percent(metrics[name]) for name in ("macro_precision", "macro_recall", "macro_f1", "f1_of_means", "ece"))
    return (percent(metrics["top1"]), percent(metrics.get("top5")), f"{metrics['loss']:.4f}", *macro)


def _calibrated(store: Store, run: Run, results: Results) -> list[str]:
    fitted = load_temperature(store, run, results.evaluation.conditions) if results.split == "test" else None
    if fitted is None or not fitted.determined:
        return []
    after = results.at_temperature(fitted.value).metrics
    return [f"{checkpoint_in_words(results.evaluation)}, {in_words(results.evaluation.conditions)}: at temperature "
            f"{fitted.value:.3f}, fitted on validation, the test loss is {after['loss']:.4f} and the ECE "
            f"{percent(after['ece'])}"]


def _document(store: Store, run: Run, results: Results) -> dict[str, Any]:
    evaluation = results.evaluation
    fitted = load_temperature(store, run, evaluation.conditions) if evaluation.split == "test" else None
    after = results.at_temperature(fitted.value).metrics if fitted else {}
    return {
        "run": run.id, **asdict(evaluation.conditions), "epoch": evaluation.epoch, "pictures": len(results.ids),
        "metrics": {name: results.metrics.get(name) for name in METRICS}, "remarks": results.remarks,
        "temperature": fitted and {**asdict(fitted), "loss": after["loss"], "ece": after["ece"]},
        "per_class": [row._asdict() for row in results.per_class], "predictions": str(evaluation.predictions)}


def _ensemble_document(made: Ensemble, gain: Gain, weighting: str) -> dict[str, Any]:
    return {
        "weighting": weighting, "metrics": {name: made.metrics.get(name) for name in METRICS},
        "members": [{"run": member.run.id, "name": member.run.name, "checkpoint": member.checkpoint, "weight": weight,
                     "metrics": {name: metrics.get(name) for name in METRICS}} for member, weight, metrics
                    in zip(made.members, made.weights, made.of_members, strict=True)],
        "best_member": made.members[made.best].run.id, "gain": asdict(gain),
        "disagreement": made.disagreement.tolist(), "error_overlap": made.error_overlap.tolist()}


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(one, other) for one in range(count) for other in range(one + 1, count)]
