"""One run a GPU, as many on the CPU as was set, and each sees its own GPU only."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.errors import ConfigError, UserError
from engine.launch import MAX_CPU_SLOTS, cpu_slots, create_foreground, set_cpu_slots, submit
from engine.launch.slots import can_ever_run, find_gpus, free_slots, slot_environment
from engine.launch.wake import wake
from engine.store import Store
from tests.engine.launch.conftest import Start, queue, starts, status, wait_for

LISTED = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-0)
  MIG 1g.5gb      Device  0: (UUID: MIG-1111)
GPU 1: NVIDIA GeForce RTX 3090 (UUID: GPU-bbbb-1)"""


@pytest.fixture
def two_gpus(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\n[ "$1" = -L ] && cat <<END\n{LISTED}\nEND\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_gpus_are_found_by_uuid(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_gpus() == {"cuda:0": "GPU-aaaa-0", "cuda:1": "GPU-bbbb-1"}
    for visible, slots in (("1", ["cuda:1"]), ("GPU-aaaa-0", ["cuda:0"]), ("", [])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert list(find_gpus()) == slots


def test_without_nvidia_smi_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == {}


def test_free_slots_are_those_no_live_run_holds(store: Store) -> None:
    store.settings.set("cpu_slots", 2)
    assert free_slots(store, [], ["cuda:0"]) == ["cuda:0", "cpu:0", "cpu:1"]
    for slot, left in (("cpu:0", ["cuda:0", "cpu:1"]), ("cuda:0", ["cpu:1"]), ("cpu:1", [])):
        run = store.runs.create(RunConfig(), status="running", environment={}, git_commit=None, git_dirty=False)
        store.runs.update(run.id, slot=slot)
        assert free_slots(store, store.runs.list(("running",)), ["cuda:0"]) == left
    store.settings.set("cpu_slots", 1)
    assert free_slots(store, store.runs.list(("running",)), ["cuda:0"]) == []


def test_a_stored_number_of_slots_is_bounded(store: Store) -> None:
    store.settings.set("cpu_slots", 1_000_000_000)
    assert cpu_slots(store) == len(free_slots(store, [], [])) == MAX_CPU_SLOTS


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
    assert can_ever_run("auto", []) and can_ever_run("cpu", [])
    assert not can_ever_run("cuda", [])
    assert can_ever_run("cuda", ["cuda:0"]) and not can_ever_run("cuda:1", ["cuda:0"])


def test_a_trainer_sees_its_slot_s_gpu_and_no_other() -> None:
    gpus = {"cuda:0": "GPU-aaaa-0", "cuda:1": "GPU-bbbb-1"}
    assert slot_environment("cuda:1", gpus) == {"CUDA_VISIBLE_DEVICES": "GPU-bbbb-1"}
    assert slot_environment("cpu:0", gpus) == {"CUDA_VISIBLE_DEVICES": ""}


def test_runs_that_share_the_cpu_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert [slot_environment("cpu:1", {}, sharing).get("OMP_NUM_THREADS") for sharing in (1, 2, 16)] == [None, "4", "1"]
    assert "OMP_NUM_THREADS" not in slot_environment("cuda:0", {"cuda:0": "GPU-a"}, 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert "OMP_NUM_THREADS" not in slot_environment("cpu:1", {}, 2)


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


def test_a_foreground_run_holds_a_slot_or_none(two_gpus: None, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-bbbb-1")
    first, second = (create_foreground(store, RunConfig(device="cuda")) for _ in range(2))
    assert (first.slot, second.slot) == ("cuda:1", None)
    assert first.status == second.status == "starting" and first.pid
