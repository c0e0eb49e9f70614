"""Output of ``study``: the matrix and the plan, as text and as JSON."""

from typing import Any

from engine.catalog.metrics import METRICS
from engine.cli.output import say, table
from engine.store import Store
from engine.study.check import cell_title
from engine.study.matrix import Entry, Matrix, State
from engine.study.outcomes import outcomes_of
from engine.study.plan import Plan
from engine.words import counted, duration, size

_SHOWN_CELLS = 4


def states_in_words(found: Matrix) -> str:
    """``6 done, 1 running, 1 failed``."""
    return ", ".join(f"{count} {state}" for state, count in found.counts.items() if count)


def print_matrix(found: Matrix, store: Store | None = None) -> None:
    """Print cells as rows and seeds as columns; with a store, also the metric of finished runs."""
    study = found.study
    figures = _figures(store, found) if store else {}
    more = max((len(entries) for entries in found.by_cell.values()), default=0) - len(study.seeds)
    columns = [*study.factors, *(f"seed {seed}" for seed in study.seeds), *["imported"] * (more > 0)]
    rows = []
    for cell, entries in found.by_cell.items():
        own, imported = entries[:len(study.seeds)], entries[len(study.seeds):]
        texts = [_text(entry, figures) for entry in own]
        rows.append((*cell, *texts, *[" ".join(_text(entry, figures) for entry in imported)] * (more > 0)))
    table(columns, rows)
    print(f"{study.name}: {states_in_words(found)}"
          + (f"; figures are {METRICS[study.metric].title}" if figures else ""))
    for entry in found.entries:
        if entry.state is State.FAILED and entry.run and entry.run.error:
            print(f"#{entry.run.id} {entry.run.name} {entry.run.status}: {entry.run.error}")


def matrix_document(store: Store, found: Matrix) -> dict[str, Any]:
    """Return a study's state as JSON."""
    measured = {outcome.run: outcome.metrics for outcome in outcomes_of(store, found)}
    names = list(found.study.factors)
    return {"name": found.study.name, "metric": found.study.metric, "counts": found.counts, "entries": [{
        "cell": dict(zip(names, entry.cell, strict=True)), "seed": entry.seed, "state": entry.state,
        "run": entry.run.id if entry.run else None, "status": entry.run.status if entry.run else None,
        "epoch": entry.run.epoch if entry.run else None, "error": entry.run.error if entry.run else None,
        "imported": bool(entry.run and entry.run.is_imported),
        "metrics": dict(measured.get(entry.run.id, {})) if entry.run else {}} for entry in found.entries]}


def plan_document(found: Plan) -> dict[str, Any]:
    """Return a plan as JSON."""
    return {
        "name": found.matrix.study.name, "cells": len(found.matrix.study.cells), "runs": found.runs,
        "reused": found.reused, "missing": found.missing, "counts": found.matrix.counts,
        "seconds": found.seconds, "untimed": found.untimed, "slots": found.slots, "wall_seconds": found.wall_seconds,
        "memory": found.memory and {"bytes": found.memory.bytes, "margin": found.memory.margin, "cell": found.largest,
                                    "available": found.capacity and found.capacity.bytes, "verdict": found.fit},
        "disk": found.disk, "free": found.free,
        "problems": [{"message": problem.message, "cells": problem.cells} for problem in found.problems]}


def print_plan(found: Plan) -> None:
    """Print the plan in a few lines on stderr."""
    study = found.matrix.study
    say(f"{study.name}: {counted(len(study.cells), 'cell')} × {counted(len(study.seeds), 'seed')} = "
        f"{counted(found.runs, 'run')}; {found.reused} reused, {found.missing} to launch{_begun(found.matrix)}")
    if found.missing:
        say(f"time: {_time_line(found)}")
    if found.memory:
        there = f", {found.fit} into the {size(found.capacity.bytes)} of {found.capacity.source}" \
            if found.capacity else ""
        say(f"memory: about {size(found.memory.bytes)} for the largest{there}")
    if found.disk is not None and found.missing:
        say(f"disk: about {size(found.disk)} of the {size(found.free)} that are free")
    for problem in found.problems:
        shown = "; ".join(cell_title(cell) for cell in problem.cells[:_SHOWN_CELLS])
        left = len(problem.cells) - _SHOWN_CELLS
        say(f"cannot run here: {problem.message} ({shown}{f' and {left} more cells' if left > 0 else ''})")


def _begun(found: Matrix) -> str:
    """Name the runs that are neither finished nor launched anew, such as ``, 6 paused (study resume)``."""
    ways = {State.PAUSED: " (study resume)", State.FAILED: " (study retry)"}
    return "".join(f", {count} {state}{ways.get(state, '')}" for state, count in found.counts.items()
                   if count and state not in (State.DONE, State.MISSING))


def _time_line(found: Plan) -> str:
    if found.untimed == found.missing:
        return "unknown: no comparable run on this machine yet"
    at_once = f", {found.slots} at once" if found.slots > 1 else ""
    unknown = f"; unknown for {found.untimed} more runs without a comparable one here" if found.untimed else ""
    return f"about {duration(found.wall_seconds)}{at_once}{unknown}"


def _figures(store: Store, found: Matrix) -> dict[int, str]:
    metric = METRICS[found.study.metric]
    values = {outcome.run: outcome.metrics.get(found.study.metric) for outcome in outcomes_of(store, found)}
    return {run: metric.text(value) for run, value in values.items() if value is not None}


def _text(entry: Entry, figures: dict[int, str]) -> str:
    run = entry.run
    if run is None:
        return "–"
    if entry.state is State.DONE:
        return f"#{run.id} {figures.get(run.id, 'done')}"
    return f"#{run.id} {run.status} {run.epoch}/{run.config['epochs']}"
