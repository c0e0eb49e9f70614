"""From ``train --detach`` to the first metric row, against only importing what a script needs."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.home import ROOT
from engine.launch import ensure_dispatcher
from engine.launch.launchers.local.places import state_path
from engine.launch.launchers.local.warm_client import warm_state
from engine.store import Store
from tests.bench.row import BenchRow
from tests.waiting import until

_ROUNDS = 5
_TARGET = 0.3


def rows() -> list[BenchRow]:
    """One row: medians of interleaved rounds, in a home of its own, once the warm process is ready."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("DARKROOM_HOME")
        os.environ["DARKROOM_HOME"] = folder
        try:
            return [_row(Store.open())]
        finally:
            os.kill(json.loads(state_path().read_text())["pid"], signal.SIGTERM)
            os.environ.pop("DARKROOM_HOME")
            if before is not None:
                os.environ["DARKROOM_HOME"] = before


def _row(store: Store) -> BenchRow:
    ensure_dispatcher()
    until(lambda: warm_state() == "ready", 300)
    _seconds_to_first_metric(store)  # the first run also prepares the data
    ours, peer = zip(*((_seconds_to_first_metric(store), _seconds_to_import()) for _ in range(_ROUNDS)), strict=True)
    ratio = statistics.median(own / other for own, other in zip(ours, peer, strict=True))
    return BenchRow("train --detach to the first metric ÷ importing torch and timm", f"{statistics.median(ours):.2f} s",
                    f"{statistics.median(peer):.2f} s", 1 / ratio, f"≥ {1 / _TARGET:.1f}×", ratio <= _TARGET)


def _seconds_to_first_metric(store: Store) -> float:
    """A run of TinyVGG on Digits, queued by the command line."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "engine", "train", "--epochs", "1", "--detach", "--json"]
    queued = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    run_id = json.loads(queued.stdout)["id"]
    until(lambda: store.metrics.summary(run_id), 120, every=0.002)
    seconds = time.perf_counter() - began
    until(lambda: not (run := store.runs.get(run_id)).is_live and run.status != "queued", 120)
    assert store.runs.get(run_id).status == "finished"
    assert _is_forked(store.runs.get(run_id).folder), "it was started cold: the code changed meanwhile"
    return seconds


def _seconds_to_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, timm"], cwd=ROOT, check=True)
    return time.perf_counter() - began


def _is_forked(folder: Path) -> bool:
    """A cold start leaves a line in the supervisors' log."""
    return folder.exists() and not (state_path().parent / "supervise.log").exists()


if __name__ == "__main__":
    print(*rows(), sep="\n")
