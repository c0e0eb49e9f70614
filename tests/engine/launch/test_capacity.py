"""Sizes as people write them, and what a device has."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from engine.errors import ConfigError
from engine.launch.capacity import capacity, parse_size
from engine.launch.launchers.local import cgroups, gpus

GB = 2**30


@pytest.mark.parametrize(("text", "size"), [
    ("8GB", 8e9), ("24 GiB", 24 * GB), (" 512 mb ", 512e6), ("1.5GB", 1.5e9), ("1,5 GiB", 1.5 * GB),
    ("1tb", 1e12), ("4096 KiB", 4 * 2**20),
])
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["8", "GB", "", "0GB", "-1GB", "8 apples", "8GB16"])
def test_what_is_no_size_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError, match=r"memory: .* a size with its unit, such as 8GB or 24 GiB"):
        parse_size(text)


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Control groups, the process's own first."""
    folders = [tmp_path / "own", tmp_path]
    folders[0].mkdir()
    monkeypatch.setattr(cgroups, "cgroup_folders", lambda: iter(folders))
    return folders


def test_the_least_limit_of_the_control_groups_counts(groups: list[Path]) -> None:
    (groups[0] / "memory.max").write_text("max\n")
    (groups[1] / "memory.max").write_text("1073741824\n")
    found = capacity("cpu")
    assert found is not None and (found.kind, found.bytes) == ("cpu", GB)
    assert "limit" in found.source


def test_without_a_limit_it_is_the_machine(groups: list[Path]) -> None:
    (groups[0] / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    found = capacity("cpu")
    assert found is not None and (found.bytes, found.source) == (psutil.virtual_memory().total, "this machine")


def test_a_named_size_stands_for_a_device_that_is_not_here() -> None:
    found = capacity("cuda", "24 GiB")
    assert found is not None and (found.kind, found.bytes, found.source) == ("cuda", 24 * GB, "as given: 24 GiB")


@pytest.mark.parametrize(("file", "text"), [
    ("memory.events", "low 0\noom 3\noom_kill 2\n"),
    ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
])
def test_the_kernels_kills_are_counted_in_either_version_of_groups(groups: list[Path], file: str, text: str) -> None:
    (groups[0] / file).write_text(text)
    assert cgroups.cgroup_oom_kills() == 2


def test_nvidia_smi_tells_a_gpus_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\n"
                       "case $1 in -L) echo 'GPU 0: NVIDIA X (UUID: GPU-1)';; *) echo 'GPU-1, 24564';; esac\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpus.gpu_sizes.cache_clear()
    found = capacity("auto")
    gpus.gpu_sizes.cache_clear()
    assert found is not None and (found.kind, found.bytes) == ("cuda", 24564 * 2**20)
