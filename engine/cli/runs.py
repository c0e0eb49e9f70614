"""``runs`` and ``show``: listing runs, and showing one."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from engine.catalog.metrics import METRICS
from engine.cli.output import print_json, run_document, say, table
from engine.errors import ConfigError
from engine.launch import reap
from engine.store import Run, Status, Store, Sure
from engine.words import counted, duration, size

_SHOWN, _UNENDING = 200, 2**31
_FIGURES = ("best_val_score", "test_score", "images_per_second")


def list_runs(arguments: argparse.Namespace) -> int:
    """List all runs, newest first."""
    store = Store.open()
    reap(store)
    if arguments.status is not None and arguments.status not in tuple(Status):
        raise ConfigError("status", arguments.status, f"one of {', '.join(Status)}")
    status = (arguments.status,) if arguments.status else None
    if arguments.all:
        runs = store.runs.list(status)
    else:
        runs = store.runs.list(status, newest=_UNENDING if arguments.json else _SHOWN)
        if status is None and (left := len(store.runs.revisions()) - len(runs)):
            say(f"{counted(left, 'archived or older run')} left out; --all lists every run")
    if arguments.json:
        print_json([run_document(run) for run in runs])
    elif not runs:
        print("no runs yet; start one: python -m engine train --dataset Digits")
    else:
        sure = store.sure.of([run.id for run in runs if not run.is_ended])
        table(_columns(), [_row(run, sure.get(run.id, [])) for run in runs])
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Show one run: its progress, options, metrics and evaluations."""
    from engine.evaluation.conditions import SPLITS, describe_checkpoint, describe_conditions

    store = Store.open()
    reap(store)
    run = store.runs.find(arguments.run)
    summaries = store.metrics.summary(run.id)
    sure = [] if run.is_ended else store.sure.of([run.id]).get(run.id, [])
    if arguments.json:
        print_json(run_document(run) | {
            "sure": [asdict(each) for each in sure],
            "metrics": {name: vars(found) for name, found in summaries.items()},
            "evaluations": [evaluation.metrics | asdict(evaluation.conditions) | {"epoch": evaluation.epoch}
                            for evaluation in store.evaluations.of(run.id)]})
        return 0
    remark = _remark(run, sure)
    print(f"{run.id}  {run.name}  {run.status}" + (f": {remark}" if remark else ""))
    facts = {"epoch": _epochs(run, " of "), "step": f"{run.step:,} of {run.total_steps:,}",
             "device": run.device or "–", "time": duration(run.seconds), "folder": str(run.folder)}
    facts |= {"imported from": str(run.origin["file"])} if run.is_imported else {}
    config = {key: str(value) for key, value in run.config.items()
              if value not in ("", [], None) and key != "name" and run.knows(key)}
    table(("", ""), [*facts.items(), *config.items()])
    if summaries:
        table(("metric", "last", "min", "max"),
              [(name, *(_number(name, value) for value in (found.last, found.min, found.max)))
               for name, found in summaries.items()])
    for evaluation in store.evaluations.of(run.id):
        pictures = evaluation.conditions.dataset or SPLITS[evaluation.split].lower()
        values = ", ".join(f"{name} {value:.4f}" for name, value in evaluation.metrics.items())
        print(f"{pictures}, {describe_checkpoint(evaluation)}, {describe_conditions(evaluation.conditions)}: {values}")
    return 0


def _number(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    return size(value) if metric == "memory" else f"{value:,.5g}"


def _columns() -> tuple[str, ...]:
    return ("id", "name", "status", "epoch", *(METRICS[key].word for key in _FIGURES), METRICS["seconds"].word, "error")


def _row(run: Run, sure: Sequence[Sure]) -> tuple[str, ...]:
    return (str(run.id), run.name, run.status, _epochs(run, "/"),
            *(METRICS[key].cell(run.figure(key)) for key in _FIGURES),
            duration(run.trained_seconds if run.is_imported else run.seconds), _remark(run, sure))


def _remark(run: Run, sure: Sequence[Sure]) -> str:
    """Return what is wrong with a run, if anything is."""
    doctors = [f"the doctor is sure of {each.rule} after epoch {each.epoch}: {each.message}" for each in sure]
    return "; ".join([*filter(None, [run.remark]), *doctors])


def _epochs(run: Run, of: str) -> str:
    return f"{run.epoch}{of}{run.config['epochs']}" if run.knows("epochs") else "–"
