"""Ten thousand runs: the list in a terminal, and the Runs page as the server draws it, beside MLflow and Trackio."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from engine.home import ROOT
from engine.store import Run, Store
from tests.app_tests import assert_calm, open_page
from tests.bench.row import BenchRow
from tests.fake_runs import add_run

_RUNS, _TIMES = 10_000, 5
_TABLES = {"runs": "id", "metric_summary": "run_id", "metric_chunks": "run_id", "evaluations": "run_id",
           "events": "run_id", "acknowledged": "run_id"}
_PEERS = ROOT / ".venv-peers" / "bin" / "python"
"""An environment with what ``tests/bench/requirements-peers.txt`` names."""


def rows() -> list[BenchRow]:
    """Measure everything, in seconds of processor time; takes minutes."""
    peers = _peers()
    _fill()
    listed = _of_command("runs")
    page = open_page("runs")
    assert_calm(page)
    again = _seconds(page.run)
    texts = iter(f"_1{place}" for place in range(2 * _TIMES))

    def search() -> None:
        page.text_input(key="runs_text").set_value(next(texts)).run()

    found = _seconds(search)
    changed = _seconds(search, before=_change)
    return [
        _row("`runs` of 10,000 runs, against `search_runs` of MLflow in a process", listed,
             peers["MLflow in a terminal"], 0.5),
        _row("the same, against `trackio list runs`", listed, peers["Trackio in a terminal"], 0.5),
        _row("Runs page of 10,000 runs as the server draws it, against MLflow's `search_runs`", again,
             peers["MLflow"], 1.0),
        _row("the same, against Trackio's runs with their options", again, peers["Trackio"], 1.0),
        _row("the same filtered by a name, against MLflow's filter", found, peers["MLflow, filtered"], 0.2),
        _row("filtered after one of the runs has changed, against MLflow's filter", changed,
             peers["MLflow, filtered"], 0.3)]


def _row(name: str, ours: float, theirs: float, most: float) -> BenchRow:
    return BenchRow(name, f"{ours:.2f} s", f"{theirs:.2f} s", theirs / ours, f"≤ {most} s",
                    ours <= most)


def _peers() -> dict[str, float]:
    """Seconds of MLflow and Trackio; not a number where they are not installed."""
    if not _PEERS.exists():
        print(f"MLflow and Trackio are left out: {_PEERS} is missing; `make bench` installs them", file=sys.stderr)
        return dict.fromkeys(("MLflow in a terminal", "MLflow", "MLflow, filtered", "Trackio in a terminal", "Trackio"),
                             float("nan"))
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([_PEERS, Path(__file__).with_name("peers.py"), folder, str(_RUNS)], text=True,
                              stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _seconds(act: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    def once() -> float:
        before()
        start = time.process_time()
        act()
        return time.process_time() - start

    return statistics.median(once() for _ in range(_TIMES))


def _of_command(*words: str) -> float:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return statistics.median(once() for _ in range(_TIMES))


def _change() -> None:
    Store.open().runs.set_notes(_RUNS // 2, os.urandom(4).hex())


def _fill() -> None:
    """Copy the rows of some runs, as creating each would write ten thousand files: grids, with ten seeds each."""
    store = Store.open()
    models = [run.id for run in _models(store)]
    with store.connections.writing() as connection:
        for table, key in _TABLES.items():
            kept: dict[int, list[dict[str, Any]]] = {model: [] for model in models}
            for row in connection.execute(f"SELECT * FROM {table} WHERE {key} IS NOT NULL").fetchall():
                kept[row[key]].append(dict(row))
            for run_id in range(max(models) + 1, _RUNS + 1):
                for row in kept[models[run_id % len(models)]]:
                    copy = {name: value for name, value in row.items() if table == "runs" or name != "id"}
                    copy |= {key: run_id} | (_of_a_run(row, run_id, len(models)) if table == "runs" else {})
                    names = ", ".join(f'"{name}"' for name in copy)
                    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(copy))})",
                                       list(copy.values()))


def _models(store: Store) -> Iterator[Run]:
    """Runs of a grid; every tenth has failed, every seventh has a finding that somebody acknowledged."""
    grid = product((0.3, 0.1, 0.03, 0.01), ("SGD", "AdamW"), ("tinyvgg_a", "tinyvgg_b"), ("default", "weak"))
    for number, (lr, optimizer, model, augmentation) in enumerate(grid):
        run = add_run(store, "failed" if number % 10 == 9 else "finished", epochs=5, lr=lr, optimizer=optimizer,
                      model=model, augmentation=augmentation)
        if number % 10 == 9:
            store.runs.update(run.id, error="loss is not finite")
            store.events.add(run.id, "failed", "loss is not finite")
        if number % 7 == 6:
            store.acknowledged.put(run.id, "at chance", "as expected")
        yield run


def _of_a_run(row: dict[str, Any], run_id: int, models: int) -> dict[str, Any]:
    """What a copy has of its own: a seed, and the tags of its grid."""
    grid, seed = run_id // (10 * models), run_id // models
    return {"name": f"{row['name']}_{run_id}", "tags": json.dumps([f"grid-{grid}", f"study-{grid % 7}"]),
            "notes": f"grid {grid}, by hand" if run_id % 50 == 0 else "",
            "config": json.dumps(json.loads(row["config"]) | {"seed": seed})}
