"""Ten thousand runs: the list in a terminal, and the Runs page as the server draws it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from engine.home import ROOT
from engine.store import Store
from tests.app_tests import assert_calm, open_page
from tests.bench.row import BenchRow
from tests.fake_runs import add_run

_RUNS, _TIMES = 10_000, 5
_TABLES = {"runs": "id", "metric_summary": "run_id", "evaluations": "run_id"}


def rows() -> list[BenchRow]:
    """Measure everything; takes about a minute."""
    _fill()
    newest, every = _seconds(lambda: _list()), _seconds(lambda: _list("--all"))
    start = time.perf_counter()
    page = open_page("runs")
    first = time.perf_counter() - start
    assert_calm(page)
    again = _seconds(page.run)
    texts = iter(f"_1{place}" for place in range(_TIMES))
    found = _seconds(lambda: page.text_input(key="runs_text").set_value(next(texts)).run())
    return [
        BenchRow("`runs` of 10,000 runs, against `runs --all`", f"{newest:.2f} s", f"{every:.2f} s", every / newest,
                 "≤ 0.5 s", newest <= 0.5),
        BenchRow("Runs page of 10,000 runs as the server draws it, against its first opening", f"{again:.2f} s",
                 f"{first:.2f} s", first / again, "≤ 1 s", again <= 1),
        BenchRow("the same filtered by a name, against unfiltered", f"{found:.2f} s", f"{again:.2f} s", again / found,
                 "≤ 0.2 s", found <= 0.2)]


def _seconds(act: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        act()
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(_TIMES))


def _list(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "engine", "runs", *words], cwd=ROOT, capture_output=True, check=True)


def _fill() -> None:
    """Copy the rows of a few runs, as creating each would write ten thousand files."""
    store = Store.open()
    models = [add_run(store, lr=lr, optimizer=optimizer).id for lr in (0.1, 0.01) for optimizer in ("SGD", "AdamW")]
    with store.connections.writing() as connection:
        for table, key in _TABLES.items():
            kept = [dict(row) for row in connection.execute(f"SELECT * FROM {table}").fetchall()]
            for run_id in range(max(models) + 1, _RUNS + 1):
                for row in (row for row in kept if row[key] == models[run_id % len(models)]):
                    copy = {name: value for name, value in row.items() if table != "evaluations" or name != "id"}
                    copy[key] = run_id
                    if table == "runs":
                        copy["name"] = f"{row['name']}_{run_id}"
                        copy["config"] = json.dumps(json.loads(row["config"]) | {"seed": run_id})
                    connection.execute(f"INSERT INTO {table} ({', '.join(copy)}) VALUES ({', '.join('?' * len(copy))})",
                                       list(copy.values()))
