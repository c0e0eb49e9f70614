"""``evaluate``, ``compare`` and ``ensemble``: metrics of checkpoints, of two runs, and of averaged predictions."""

import argparse
from dataclasses import asdict
from itertools import combinations
from typing import Any

from engine.analysis.ensemble import Ensemble, Gain, combine, load_members
from engine.analysis.slices import Change, name_worsened, name_worst
from engine.cli.comparisons import Compared
from engine.cli.evaluations import all_figures, figures, headings, reporting_of
from engine.cli.output import print_json, say, table
from engine.errors import ConfigError, UserError
from engine.evaluation.conditions import SPLITS
from engine.evaluation.requests import moved_data_path, parse_request
from engine.store import Store
from engine.tasks import TASKS
from engine.words import DASH, p_value, percent, points

_TASK = "classification"
"""The only task with ensembles."""


def evaluate(arguments: argparse.Namespace) -> int:
    """Evaluate checkpoints of an ended run, reusing stored predictions."""
    store = Store.open()
    run = store.runs.find(arguments.run)
    if run.is_live:
        raise UserError(f"run {run.name} is {run.status}: wait until it has ended, or pause it")
    request = {name: getattr(arguments, name) for name in (
        "checkpoint", "split", "tta", "scales", "dataset", "data_path")}
    wanted = parse_request(run, request)
    # Importing torch takes seconds, so invalid requests are refused before.
    from engine.evaluation.evaluate import Evaluator

    evaluator = Evaluator(store, run, moved_to=moved_data_path(request))
    done = [evaluator.evaluate(conditions) for conditions in wanted]
    reporting = reporting_of(run.task)
    found = [reporting.load(store, run, each.conditions) for each in done]
    slices = [reporting.slices(run, results, arguments.slices) if reporting.slices else [] for results in found]
    if arguments.json:
        print_json([reporting.document(store, run, results) | {"slices": [row._asdict() for row in rows]}
                    for results, rows in zip(found, slices, strict=True)])
        return 0
    table(reporting.columns, [reporting.row(results) for results in found])
    for line in dict.fromkeys(line for results in found for line in reporting.lines(store, run, results)):
        say(line)
    for results, rows in zip(found, slices, strict=True):
        for line in name_worst(rows, TASKS[run.task].test_score):
            say(f"{SPLITS[results.evaluation.split].lower()}: {line}")
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Compare the second run with the first, from their stored predictions."""
    store = Store.open()
    runs = [store.runs.find(ref) for ref in arguments.run]
    if len({run.id for run in runs}) != 2 or len(runs) != 2:
        raise UserError("compare: needs two different runs; name the earlier one first")
    if len({run.task for run in runs}) > 1:
        raise UserError(f"compare: {runs[0].name} is a run of {runs[0].task}, {runs[1].name} of {runs[1].task}")
    compared = reporting_of(runs[0].task).compare
    if compared is None:
        raise UserError(f"compare: runs of {runs[0].task} cannot be compared")
    found: Compared = compared(store, runs, arguments.slices)
    if arguments.json:
        print_json({"runs": [run.id for run in runs], **found.document, "metric": found.metric,
                    "whole": [_change_document(change) for change in found.whole],
                    "changes": [_change_document(change) for change in found.changes]})
        return 0
    table(("slice", "size", "before", "after", "change", "95 % interval", "p"),
          [_change_row(change) for change in (*found.whole, *found.changes)])
    for line in (*found.lines, *name_worsened(found.changes, found.metric)):
        say(line)
    return 0


def _change_row(change: Change) -> tuple[str, ...]:
    known = change.p == change.p
    return (f"{change.slicing} {change.group}".strip(), f"{change.size:,}", percent(change.before),
            percent(change.after), points(change.change),
            f"{points(change.low)} to {points(change.high)}" if known else DASH,
            p_value(change.p).removeprefix("= "))


def _change_document(change: Change) -> dict[str, Any]:
    return {**change._asdict(), "change": change.change}


def ensemble(arguments: argparse.Namespace) -> int:
    """Average the stored predictions of runs, without running a model."""
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
    rows.append(("ensemble", "", *figures(_TASK, made.metrics)))
    table(("member", "weight", *headings(_TASK)), rows)
    best = made.members[made.best].run
    say(f"gain over the best member ({best.name} #{best.id}): {points(gain.value)}, {gain.level:.0%} confidence "
        f"interval {points(gain.low)} to {points(gain.high)}")
    for one, other in combinations(range(len(made.members)), 2):
        differ, shared = percent(made.disagreement[one, other]), percent(made.error_overlap[one, other])
        say(f"#{made.members[one].run.id} and #{made.members[other].run.id} disagree on {differ} of the pictures; "
            f"both are wrong on {shared} of those that either gets wrong")
    return 0


def _ensemble_document(made: Ensemble, gain: Gain, weighting: str) -> dict[str, Any]:
    return {
        "weighting": weighting, "metrics": all_figures(_TASK, made.metrics),
        "members": [{"run": member.run.id, "name": member.run.name, "checkpoint": member.checkpoint, "weight": weight,
                     "metrics": all_figures(_TASK, metrics)} for member, weight, metrics
                    in zip(made.members, made.weights, made.of_members, strict=True)],
        "best_member": made.members[made.best].run.id, "gain": asdict(gain),
        "disagreement": made.disagreement.tolist(), "error_overlap": made.error_overlap.tolist()}
