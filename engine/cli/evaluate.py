"""``evaluate`` and ``ensemble``: what checkpoints, and several runs together, say of pictures."""

import argparse
from dataclasses import asdict
from typing import Any

from engine.analysis.ensemble import Ensemble, Gain, combine, load_members
from engine.cli.evaluations import Reporting, all_figures, figures, headings
from engine.cli.output import print_json, say, table
from engine.errors import ConfigError, UserError
from engine.evaluation.requests import moved_data_path, parse_request
from engine.store import Store
from engine.tasks import TASKS
from engine.words import percent

_TASK = "classification"
"""What ensembles are of."""


def evaluate(arguments: argparse.Namespace) -> int:
    """Evaluate checkpoints of an ended run; what is stored already is not computed again."""
    store = Store.open()
    run = store.runs.find(arguments.run)
    if run.is_live:
        raise UserError(f"run {run.name} is {run.status}: it can be evaluated when it has ended or is paused")
    request = {name: getattr(arguments, name) for name in (
        "checkpoint", "split", "tta", "scales", "dataset", "data_path")}
    wanted = parse_request(run, request)
    # Everything that can be refused was; only now is torch worth its seconds.
    from engine.evaluation.evaluate import Evaluator

    evaluator = Evaluator(store, run, moved_to=moved_data_path(request))
    done = [evaluator.evaluate(conditions) for conditions in wanted]
    told: Reporting = TASKS[run.task].reporting.get()
    found = [told.load(store, run, each.conditions) for each in done]
    if arguments.json:
        print_json([told.document(store, run, results) for results in found])
        return 0
    table(told.columns, [told.row(results) for results in found])
    for line in dict.fromkeys(line for results in found for line in told.lines(store, run, results)):
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
    rows = [(f"{member.run.name} #{member.run.id}", f"{weight:.3f}", *figures(_TASK, metrics))
            for member, weight, metrics in zip(made.members, made.weights, made.of_members, strict=True)]
    rows.append(("together", "", *figures(_TASK, made.metrics)))
    table(("member", "weight", *headings(_TASK)), rows)
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


def _ensemble_document(made: Ensemble, gain: Gain, weighting: str) -> dict[str, Any]:
    return {
        "weighting": weighting, "metrics": all_figures(_TASK, made.metrics),
        "members": [{"run": member.run.id, "name": member.run.name, "checkpoint": member.checkpoint, "weight": weight,
                     "metrics": all_figures(_TASK, metrics)} for member, weight, metrics
                    in zip(made.members, made.weights, made.of_members, strict=True)],
        "best_member": made.members[made.best].run.id, "gain": asdict(gain),
        "disagreement": made.disagreement.tolist(), "error_overlap": made.error_overlap.tolist()}


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(one, other) for one in range(count) for other in range(one + 1, count)]
