"""A disk that may be full or read-only, a run that was trained, and jobs in the test's own process."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest

from engine.config import RunConfig
from engine.launch.jobs import JOBS
from engine.store import Run, Store
from tests.processes import kill_all


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB that a test may fill or make read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)],
                                                       capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("mounting needs root")
    yield place
    kill_all(place)
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    from engine.launch import create_foreground
    from engine.runner.main import train_run

    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(folder))
        run = create_foreground(Store.open(), RunConfig(epochs=1, train_fraction=0.2))
        assert train_run(run.id) == 0
    return folder, run.id


@pytest.fixture
def trained_run(_trained: tuple[Path, int], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of an epoch on Digits, in a home that its tests share: they must leave it as it is."""
    monkeypatch.setenv("DARKROOM_HOME", str(_trained[0]))
    return Store.open().runs.get(_trained[1])


@pytest.fixture
def jobs_here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model costs is computed in this process: no dispatcher, and no import of torch."""
    monkeypatch.setattr("engine.costs.answers.run_job", lambda name, request, **_: resolve_name(JOBS[name])(request))


def fill(disk: Path) -> Path:
    """Write until nothing more fits; returns the file to delete for room."""
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
        while True:
            filler.write(b"x" * 4096)
    return disk / "filler"
