"""MLflow and Trackio with as many runs, on SQLite; ``PYTHON peers.py FOLDER RUNS`` prints seconds as JSON.

PYTHON is that of an environment of their own, so nothing of Darkroom is imported. Both write one run by their own
interfaces, whose rows are then copied; seconds are of processor time, the median of three.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_TIMES, _EPOCHS = 3, 2
_OPTIONS = {f"option_{number}": "0.1" for number in range(20)}
_FIGURES = {f"figure_{number}": 0.5 for number in range(10)}


def main(folder: Path, runs: int) -> dict[str, float]:
    return _mlflow(folder, runs) | _trackio(folder, runs)


def _mlflow(folder: Path, runs: int) -> dict[str, float]:
    address = f"sqlite:///{folder / 'mlflow.db'}"
    os.environ |= {"MLFLOW_TRACKING_URI": address, "GIT_PYTHON_REFRESH": "quiet"}
    from mlflow import MlflowClient

    client = MlflowClient(address)
    experiment = client.create_experiment("bench")
    first = client.create_run(experiment, run_name="run_0").info.run_id
    for name, value in _OPTIONS.items():
        client.log_param(first, name, value)
    for epoch in range(_EPOCHS):
        for name, figure in _FIGURES.items():
            client.log_metric(first, name, figure, step=epoch)
    client.set_terminated(first)
    _copy(folder / "mlflow.db", {"runs": "run_uuid", "params": "run_uuid", "metrics": "run_uuid",
                                 "latest_metrics": "run_uuid", "tags": "run_uuid"}, "name", runs)
    texts = iter(f"_1{place}" for place in range(_TIMES))
    return {
        "MLflow in a terminal": _of_command("-c", "from mlflow import MlflowClient; MlflowClient().search_runs("
                                            f"['{experiment}'], max_results=200)"),
        "MLflow": _seconds(lambda: client.search_runs([experiment], max_results=runs)),
        "MLflow, filtered": _seconds(lambda: client.search_runs(
            [experiment], f"attributes.run_name LIKE '%{next(texts)}%'", max_results=runs))}


def _trackio(folder: Path, runs: int) -> dict[str, float]:
    os.environ["TRACKIO_DIR"] = str(folder)
    from trackio.sqlite_storage import SQLiteStorage

    SQLiteStorage.bulk_log("bench", "run_0", [dict(_FIGURES)] * _EPOCHS, steps=list(range(_EPOCHS)), config=_OPTIONS)
    _copy(folder / "bench.db", {"metrics": "run_id", "configs": "run_id"}, "run_name", runs)

    def read() -> None:
        """What its dashboard asks for before it lists runs: neither figures nor a filter."""
        SQLiteStorage.get_run_records("bench")
        SQLiteStorage.get_all_run_configs("bench")

    return {"Trackio in a terminal": _of_command("-c", "from trackio.cli import main; main()", "list", "runs",
                                                 "--project", "bench"), "Trackio": _seconds(read)}


def _copy(database: Path, tables: dict[str, str], name: str, runs: int) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for table, key in tables.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = [dict(zip(columns, row, strict=True)) for row in connection.execute(f"SELECT * FROM {table}")]
            for number in range(1, runs):
                for row in kept:
                    copy = {column: value for column, value in row.items() if column != "id"} | {key: f"{number:032x}"}
                    copy |= {name: f"run_{number}"} if name in row else {}
                    copy |= {"value": f"run_{number}"} if row.get("key") == "mlflow.runName" else {}
                    connection.execute(f"INSERT INTO {table} ({', '.join(copy)}) VALUES ({', '.join('?' * len(copy))})",
                                       list(copy.values()))
        connection.execute("ANALYZE")
        connection.commit()


def _seconds(act: Callable[[], Any]) -> float:
    def once() -> float:
        start = time.process_time()
        act()
        return time.process_time() - start

    return statistics.median(once() for _ in range(_TIMES))


def _of_command(*words: str) -> float:
    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return statistics.median(once() for _ in range(_TIMES))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
