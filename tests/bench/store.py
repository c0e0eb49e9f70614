"""The store against its peers: both sides in one process, by turns, on the same data."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import statistics
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import RunConfig
from engine.store import Recorder, Store, chunks, points
from engine.store.chunks import Column
from engine.store.metrics import thin
from tests.bench.row import BenchRow

_TABLE_RUNS, _TABLE_METRICS, _TABLE_STEPS = 1000, 10, 100
_CURVE_RUNS, _CURVE_STEPS = 20, 10_000
_LONG_STEPS = 1_000_000
_STEPS_A_BLOCK, _BLOCKS = 3000, 5

Log = Callable[[int], Any]


def rows() -> list[BenchRow]:
    """Measure everything; takes about a minute."""
    with _home() as folder:
        recording = _recording(folder)
        store = Store.open()
        rival = sqlite3.connect(folder / "rows.db", isolation_level=None)
        curve_ids, long_id = _fill(store, rival)
        return [recording, _table(store, rival), _curves(store, rival, curve_ids), _long_curve(store, rival, long_id)]


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    before = os.environ.get("DARKROOM_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DARKROOM_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["DARKROOM_HOME"]
            else:
                os.environ["DARKROOM_HOME"] = before


def _recording(folder: Path) -> BenchRow:
    """Processor time, of all threads, that recording two values adds to a training step of about 0.5 ms."""
    from torch.utils.tensorboard import SummaryWriter

    store = Store.open()
    work = _half_millisecond()

    @contextlib.contextmanager
    def ours() -> Iterator[Log]:
        with Recorder(store, _new_run(store, "running"), 1) as recorder:
            yield lambda step: recorder.log(step, {"loss": 0.5 + step, "lr": 0.1}, 1)

    @contextlib.contextmanager
    def peer() -> Iterator[Log]:
        with SummaryWriter(str(folder / "tensorboard" / str(time.monotonic_ns()))) as writer:
            yield lambda step: (writer.add_scalar("loss", 0.5 + step, step), writer.add_scalar("lr", 0.1, step))

    blocks = [(_share_added(work, ours), _share_added(work, peer)) for _ in range(_BLOCKS)]
    added, peer_added = (statistics.median(block[side] for block in blocks) for side in (0, 1))
    return BenchRow("recording two values in a 0.5 ms step, against TensorBoard's SummaryWriter",
                    f"+{added:.1%}", f"+{peer_added:.1%}", peer_added / added, "≤ 5 % of the step", added <= 0.05)


def _share_added(work: Callable[[], Any], recording: Callable[[], AbstractContextManager[Log]]) -> float:
    """What recording costs, from opening to closing, as a share of the work it records."""
    started, worked = time.process_time(), 0.0
    with recording() as log:
        for step in range(_STEPS_A_BLOCK):
            before = time.thread_time()
            work()
            worked += time.thread_time() - before
            log(step)
    return (time.process_time() - started - worked) / worked


def _table(store: Store, rival: sqlite3.Connection) -> BenchRow:
    def latest() -> list[Any]:
        return rival.execute("SELECT run_id, name, max(step), value FROM points GROUP BY run_id, name").fetchall()

    ours, peer = _by_turns([store.runs.list, latest], 7)
    return BenchRow(f"table of {_TABLE_RUNS:,} runs × {_TABLE_METRICS} metrics, against one row a point",
                    _ms(ours), _ms(peer), peer / ours, "< 50 ms", ours < 0.050)


def _curves(store: Store, rival: sqlite3.Connection, run_ids: list[int]) -> BenchRow:
    ours, peer = _by_turns([lambda: store.metrics.curves(run_ids, "loss"),
                            lambda: [thin(_all_rows(rival, run_id), 1000) for run_id in run_ids]], 7)
    return BenchRow(f"one metric of {_CURVE_RUNS} runs × {_CURVE_STEPS:,} steps, against one row a point",
                    _ms(ours), _ms(peer), peer / ours, "≥ 5 × faster", peer / ours >= 5)


def _long_curve(store: Store, rival: sqlite3.Connection, run_id: int) -> BenchRow:
    ours, peer = _by_turns([lambda: store.metrics.curve(run_id, "loss", 1000),
                            lambda: thin(_all_rows(rival, run_id), 1000)], 5)
    return BenchRow(f"a curve of {_LONG_STEPS:,} points thinned to 1,000, against reading all rows",
                    _ms(ours), _ms(peer), peer / ours, "≥ 10 × faster", peer / ours >= 10)


def _by_turns(actions: list[Callable[[], Any]], rounds: int) -> list[float]:
    """The median seconds of each action, measured in turns after one round that does not count."""
    took: list[list[float]] = [[] for _ in actions]
    for turn in range(rounds + 1):
        for action, times in zip(actions, took, strict=True):
            started = time.perf_counter()
            action()
            if turn:
                times.append(time.perf_counter() - started)
    return [statistics.median(times) for times in took]


def _half_millisecond() -> Callable[[], Any]:
    """A matrix product of about 0.5 ms on this machine."""
    side = 64
    while True:
        matrix = np.random.default_rng(0).normal(size=(side, side))
        product = partial(np.matmul, matrix, matrix)
        if min(timeit.repeat(product, number=10, repeat=20)) / 10 >= 0.0005:
            return product
        side += 16


def _fill(store: Store, rival: sqlite3.Connection) -> tuple[list[int], int]:
    rival.execute("PRAGMA journal_mode = WAL")
    rival.execute("CREATE TABLE points (run_id INTEGER, name TEXT, step INTEGER, value REAL)")
    table_ids = [_new_run(store) for _ in range(_TABLE_RUNS)]
    names = ["train_loss", "train_accuracy", "val_loss", "val_accuracy", "images_per_second", "memory", "lr",
             *(f"other_{number}" for number in range(_TABLE_METRICS - 7))]
    generator = np.random.default_rng(0)
    for run_id in table_ids:
        _add(store, rival, run_id, {name: _column(generator, _TABLE_STEPS) for name in names})
    curve_ids = table_ids[-_CURVE_RUNS:]
    for run_id in curve_ids:
        _add(store, rival, run_id, {"loss": _column(generator, _CURVE_STEPS)})
    _add(store, rival, table_ids[0], {"loss": _column(generator, _LONG_STEPS)})
    rival.execute("CREATE INDEX points_by_run ON points (run_id, name, step)")
    return curve_ids, table_ids[0]


def _add(store: Store, rival: sqlite3.Connection, run_id: int, columns: dict[str, Column]) -> None:
    with store.connections.writing() as connection:
        points.add(connection, run_id, columns)
        for name in columns:
            chunks.rewrite(connection, run_id, name)
    rival.execute("BEGIN")
    for name, (steps, values) in columns.items():
        rival.executemany(f"INSERT INTO points VALUES ({run_id}, '{name}', ?, ?)",
                          zip(steps.tolist(), values.tolist(), strict=True))
    rival.execute("COMMIT")


def _column(generator: np.random.Generator, length: int) -> Column:
    return np.arange(1, length + 1), generator.normal(size=length).astype(np.float32).astype(np.float64)


def _all_rows(rival: sqlite3.Connection, run_id: int) -> Column:
    rows = rival.execute("SELECT step, value FROM points WHERE run_id = ? AND name = 'loss' ORDER BY step",
                         (run_id,)).fetchall()
    steps, values = zip(*rows, strict=True)
    return np.array(steps, np.int64), np.array(values, np.float64)


def _new_run(store: Store, status: str = "finished") -> int:
    return store.runs.create(RunConfig(), status=status, environment={"python": "3.11", "torch": "2", "timm": "1"},
                             git_commit="0" * 40, git_dirty=False).id


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"
