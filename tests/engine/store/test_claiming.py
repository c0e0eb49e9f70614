"""Claiming queued runs: the oldest of the highest priority, and never one by two."""

from __future__ import annotations

import os
import subprocess
import sys

from engine.store import Status, Store
from tests.engine.store.conftest import MakeRun


def test_claim_takes_the_oldest_of_the_highest_priority_that_fits(store: Store, make_run: MakeRun) -> None:
    make_run("paused")
    gpu, old, urgent = make_run(device="cuda"), make_run(device="cpu"), make_run(device="cpu")
    store.runs.update(urgent.id, priority=1)
    claimed = [store.runs.claim(["cpu:0", "cpu:1"]) for _ in range(3)]
    assert [run and run.id for run in claimed] == [urgent.id, old.id, None]
    assert claimed[0] is not None and (claimed[0].status, claimed[0].slot) == (Status.STARTING, "cpu:0")
    assert store.runs.claim([]) is None
    on_gpu = store.runs.claim(["cpu:0", "cuda:1"], "cuda")
    assert on_gpu is not None and (on_gpu.id, on_gpu.slot) == (gpu.id, "cuda:1")


_CLAIMER = """
import sys
from engine.store import Store
store, claimed = Store.open(), []
while (run := store.runs.claim(sys.argv[1:])) is not None:
    claimed.append(run.id)
print(*claimed)
"""


def _claimed_by_three_at_once(slots: list[str]) -> list[int]:
    claimers = [subprocess.Popen([sys.executable, "-c", _CLAIMER, *slots], stdout=subprocess.PIPE, text=True,
                                 env=os.environ) for _ in range(3)]
    return [int(word) for claimer in claimers for word in claimer.communicate(timeout=60)[0].split()]


def test_several_claimers_never_share_a_run(store: Store, make_run: MakeRun) -> None:
    ids = {make_run().id for _ in range(60)}
    claimed = _claimed_by_three_at_once([f"cpu:{number}" for number in range(60)])
    assert len(claimed) == 60 and set(claimed) == ids


def test_several_claimers_never_share_a_slot(store: Store, make_run: MakeRun) -> None:
    for _ in range(60):
        make_run(device="cpu")
    claimed = [store.runs.get(run_id) for run_id in _claimed_by_three_at_once(["cpu:0", "cpu:1"])]
    assert sorted(run.slot or "" for run in claimed) == ["cpu:0", "cpu:1"]


def test_a_paused_run_is_claimed_without_a_slot_that_was_taken_meanwhile(store: Store, make_run: MakeRun) -> None:
    make_run(device="cpu")
    first, second, stopped = make_run("paused"), make_run("paused"), make_run("stopped")
    assert store.runs.claim(["cpu:0"]) is not None
    claimed = store.runs.claim_paused(first, ["cpu:0", "cpu:1"], handle={"job": "7"})
    assert (claimed.status, claimed.slot, claimed.handle) == (Status.STARTING, "cpu:1", {"job": "7"})
    assert store.runs.claim_paused(second, ["cpu:0", "cpu:1"]).slot is None
    assert store.runs.claim_paused(stopped, ["cpu:2"]) == stopped
