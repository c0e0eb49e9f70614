"""A trainer killed at any moment loses no acknowledged step and doubles none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from engine.store import Recorder, Store
from tests.engine.store.conftest import MakeRun
from tests.waiting import until

_STEPS_PER_CHECKPOINT = 50


def _train(run_id: int, attempt: int, start: int, acknowledged: int) -> None:
    """Log for ever; each step is acknowledged only after ``log`` has returned."""
    store = Store.open()
    with Recorder(store, run_id, attempt) as recorder:
        recorder.resume_from(start)
        step = start
        while True:
            step += 1
            recorder.log(step, {"loss": step + attempt / 64, "lr": 0.5}, step // 100)
            os.pwrite(acknowledged, b"%20d" % step, 0)
            if step % 200 == 0:
                time.sleep(0.001)


def test_twenty_kills_lose_and_double_nothing(store: Store, make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("running")
    moments = random.Random(0)
    acknowledged = os.open(tmp_path / "acknowledged", os.O_RDWR | os.O_CREAT)
    expected = np.empty(0)
    for attempt in range(1, 21):
        start = len(expected) // _STEPS_PER_CHECKPOINT * _STEPS_PER_CHECKPOINT
        os.pwrite(acknowledged, b"%20d" % start, 0)
        child = os.fork()
        if not child:
            _train(run.id, attempt, start, acknowledged)
        time.sleep(moments.random() * (0.05 if attempt % 2 else 0.9))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        store.runs.update(run.id, status="failed")
        steps, values = store.metrics.since(run.id, "loss", 0)
        assert np.array_equal(steps, np.arange(1, len(steps) + 1))
        assert len(steps) >= int(os.pread(acknowledged, 20, 0))
        if _is_begun(run.folder / f"journal-{attempt}.log"):
            expected = np.concatenate([expected[:start], np.arange(start + 1, len(steps) + 1) + attempt / 64])
        assert np.array_equal(values, expected)
        assert [summary.count for summary in store.metrics.summary(run.id).values()] in ([], [len(steps)] * 2)
        store.runs.requeue(run.id)
        store.runs.update(run.id, status="running")
    assert len(expected) > 2000
    store.runs.update(run.id, status="finished")
    store.metrics.seal(run.id)
    assert np.array_equal(store.metrics.since(run.id, "loss", 0)[1], expected)
    os.close(acknowledged)


def _is_begun(journal: Path) -> bool:
    """Whether the attempt lived long enough to supersede what it repeats."""
    return journal.exists() and b"\n" in journal.read_bytes()


_TRAINER = """
import sys
from engine.store import Recorder, Store
with Recorder(Store.open(), int(sys.argv[1]), 1) as recorder:
    for step in range(1, 10**9):
        recorder.log(step, {"loss": float(step)}, 1)
        print(step, flush=True)
"""


def test_every_step_a_killed_process_printed_is_there(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    trainer = subprocess.Popen([sys.executable, "-c", _TRAINER, str(run.id)], stdout=subprocess.PIPE, text=True,
                               env=os.environ)
    assert trainer.stdout is not None
    for _ in range(20_000):
        trainer.stdout.readline()
    trainer.kill()
    printed = trainer.stdout.read().splitlines()
    trainer.wait()
    store.runs.update(run.id, status="lost")
    steps, _ = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(steps, np.arange(1, len(steps) + 1))
    assert len(steps) >= int(printed[-2] if len(printed) > 1 else 20_000)


def test_several_trainers_record_side_by_side(store: Store, make_run: MakeRun) -> None:
    runs = [make_run("running") for _ in range(6)]
    children = []
    for run in runs:
        child = os.fork()
        if not child:
            with Recorder(store, run.id, 1) as recorder:
                for step in range(1, 3001):
                    recorder.log(step, {"loss": float(run.id)}, 1)
                troubled = recorder.trouble
            os._exit(1 if troubled else 0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(runs)
    for run in runs:
        steps, values = store.metrics.since(run.id, "loss", 0)
        assert np.array_equal(steps, np.arange(1, 3001)) and np.all(values == run.id)


def test_a_writer_killed_in_a_transaction_leaves_no_trace_and_no_lock(store: Store, make_run: MakeRun) -> None:
    run = make_run()
    child = os.fork()
    if not child:
        with store.connections.writing() as connection:
            connection.execute("UPDATE runs SET notes = 'half done'")
            (store.path.parent / "inside").touch()
            time.sleep(600)
    until(lambda: (store.path.parent / "inside").exists())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    store.runs.update(run.id, error="after")
    assert (store.runs.get(run.id).notes, store.runs.get(run.id).error) == ("", "after")
