"""GPUs as ``nvidia-smi`` lists them, and what a trainer sees of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.launch.launchers.local.gpus import find_gpus, slot_environment


def test_gpus_are_found_by_uuid(two_gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_gpus() == {"cuda:0": "GPU-aaaa-0", "cuda:1": "GPU-bbbb-1"}
    for visible, slots in (("1", ["cuda:1"]), ("GPU-aaaa-0", ["cuda:0"]), ("", [])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert list(find_gpus()) == slots


def test_without_nvidia_smi_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == {}


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
