"""One run a GPU, as many on the CPU as was set, and each sees its own GPU only."""

from __future__ import annotations

import os

import pytest

from engine.config import RunConfig
from engine.errors import ConfigError, UserError
from engine.launch import MAX_CPU_SLOTS, cpu_slots, create_foreground, set_cpu_slots, submit
from engine.launch.launcher import LAUNCHERS
from engine.launch.launchers.local.gpus import OwnGpu
from engine.launch.launchers.local.wakeup import wake
from engine.launch.slots import can_ever_run, devices, free_slots
from engine.store import Store
from tests.engine.launch.conftest import Start, queue, starts, status, wait_for
from tests.engine.launch.fake_launcher import Fake


def test_free_slots_are_those_no_live_run_holds() -> None:
    assert free_slots(["cuda:0", "cpu"], [], 2) == ["cuda:0", "cpu:0", "cpu:1"]
    held: list[str] = []
    for slot, left in (("cpu:0", ["cuda:0", "cpu:1"]), ("cuda:0", ["cpu:1"]), ("cpu:1", [])):
        held.append(slot)
        assert free_slots(["cuda:0", "cpu"], held, 2) == left
    assert free_slots(["cuda:0", "cpu"], held, 1) == []


def test_a_stored_number_of_slots_is_bounded(store: Store) -> None:
    store.settings.set("cpu_slots", 1_000_000_000)
    assert cpu_slots(store) == len(free_slots(["cpu"], [], cpu_slots(store))) == MAX_CPU_SLOTS


@pytest.mark.parametrize("number", [-1, 0, MAX_CPU_SLOTS + 1, 1_000_000_000])
def test_a_number_of_slots_out_of_range_is_refused(number: int, store: Store) -> None:
    with pytest.raises(ConfigError, match=f"cpu_slots: {number} is not a number from 1 to {MAX_CPU_SLOTS}"):
        set_cpu_slots(store, number)
    assert cpu_slots(store) == 1


def test_more_slots_start_who_waits(store: Store, dispatch: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr("engine.launch.slots.wake", lambda: rung.append(wake()))
    dispatch()
    first, second = (queue(store, "wait", device="cpu") for _ in range(2))
    wait_for(store, first, "running")
    assert status(store, second) == "queued"
    set_cpu_slots(store, 2)
    wait_for(store, second, "running")
    assert rung == [True]


def test_which_devices_this_machine_can_ever_give() -> None:
    assert can_ever_run("auto", ["cpu"]) and can_ever_run("cpu", ["cpu"]) and can_ever_run("cpu", ["cuda:0", "cpu"])
    assert not can_ever_run("cuda", ["cpu"])
    assert can_ever_run("cuda", ["cuda:0", "cpu"]) and not can_ever_run("cuda:1", ["cuda:0", "cpu"])


def test_every_launchers_devices_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.launch.launchers.local.launcher.find_gpus", lambda: {"cuda:0": "GPU-1"})
    assert devices() == ["cuda:0", "cpu"]
    monkeypatch.setitem(LAUNCHERS, "fake", "tests.engine.launch.fake_launcher:Fake")
    monkeypatch.setattr(Fake, "devices", lambda self: ["cuda:batch", "cpu"])
    assert devices() == ["cuda:0", "cpu", "cuda:batch"]


def test_runs_spread_over_gpus_and_the_cpu(two_gpus: None, store: Store, dispatch: Start) -> None:
    dispatch()
    runs = [queue(store, "wait", device=device) for device in ("auto", "cuda", "cuda:1", "cpu", "auto")]
    for index in (0, 1, 3):
        wait_for(store, runs[index], "running")
    assert [store.runs.get(runs[index].id).slot for index in (0, 1, 3)] == ["cuda:0", "cuda:1", "cpu:0"]
    assert [starts(runs[index])[0]["gpu"] for index in (0, 1, 3)] == ["GPU-aaaa-0", "GPU-bbbb-1", ""]
    assert status(store, runs[2]) == status(store, runs[4]) == "queued"
    (runs[1].folder / "go").touch()
    wait_for(store, runs[2], "running")
    assert starts(runs[2])[0]["gpu"] == "GPU-bbbb-1"


def test_a_device_this_machine_lacks_is_refused_before_it_is_queued(two_gpus: None, store: Store) -> None:
    with pytest.raises(UserError, match=r"cuda:5.*cuda:0, cuda:1, cpu"):
        submit(store, RunConfig(device="cuda:5"))
    assert store.runs.list() == []


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has trained nothing yet."""
    monkeypatch.setattr("engine.launch.queue.OWN_GPU", OwnGpu())


def test_a_foreground_run_holds_a_slot_or_none(two_gpus: None, fresh: None, store: Store,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-bbbb-1")
    first, second = (create_foreground(store, RunConfig(device="cuda")) for _ in range(2))
    assert (first.slot, second.slot) == ("cuda:1", None)
    assert first.status == second.status == "starting" and first.handle


def test_a_process_keeps_its_gpu_for_all_its_runs(two_gpus: None, fresh: None, store: Store,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert create_foreground(store, RunConfig(device="cpu")).slot == "cpu:0"
    first = create_foreground(store, RunConfig(device="cuda:1"))
    assert (first.slot, os.environ["CUDA_VISIBLE_DEVICES"]) == ("cuda:1", "GPU-bbbb-1")
    before = store.runs.list()
    with pytest.raises(ConfigError, match="device: 'cuda:0' is not cuda:1, which this process uses until it ends"):
        create_foreground(store, RunConfig(device="cuda:0"))
    assert store.runs.list() == before
    assert create_foreground(store, RunConfig(device="auto")).slot is None
    store.runs.update(first.id, status="finished", slot=None)
    assert create_foreground(store, RunConfig(device="auto")).slot == "cuda:1"


def test_a_process_that_began_without_a_slot_gets_none_later(two_gpus: None, fresh: None, store: Store) -> None:
    """CUDA knows by then of all GPUs, and the run would be on another than its slot says."""
    others = [store.runs.create(RunConfig(), status="running", environment={}, git_commit=None, git_dirty=False)
              for _ in range(2)]
    for number, other in enumerate(others):
        store.runs.update(other.id, slot=f"cuda:{number}")
    assert create_foreground(store, RunConfig(device="cuda")).slot is None
    store.runs.update(others[1].id, status="finished", slot=None)
    assert create_foreground(store, RunConfig(device="cuda")).slot is None
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_slots_of_another_launcher_take_none_of_the_processors() -> None:
    assert free_slots(["cpu"], {"cpu:nice0", "cpu:nice1", "cpu:0"}, 2) == ["cpu:1"]
