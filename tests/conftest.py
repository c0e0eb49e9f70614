"""What every test shares: a home of its own, and threads that do not fight."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from engine.data.prepared import prepared_dir
from engine.data.readers.loaders import read_confined
from engine.locks import locked
from engine.store import opening
from tests.processes import kill_all

# Compiled once, by a test's processes too: hundreds of them import the same modules.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "hypothesis"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, so that the workers end together."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    return max((mark.kwargs.get("seconds", 0) for mark in item.iter_markers("slow")), default=0)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of a run, for what each would otherwise make again."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture
def digits_once(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits are read once in a test run: to read them in each of hundreds of homes takes minutes."""
    def read(entry: str, dataset: str, source: Path, *more: Any, **signed: str) -> Any:
        folder, kept = prepared_dir(dataset, source), shared / "Digits"
        if dataset != "Digits" or entry != "engine.data.loading:prepare":
            return read_confined(entry, dataset, source, *more, **signed)
        with locked(kept.with_name("Digits.lock")):
            if not kept.exists():
                read_confined(entry, dataset, source, *more, **signed)
                shutil.copytree(folder, kept)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, folder)
        return None

    monkeypatch.setattr("engine.data.loading.read_confined", read)


@pytest.fixture
def home(tmp_path: Path, digits_once: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh ``DARKROOM_HOME``, also for the processes a test starts, which end with it."""
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    yield tmp_path
    kill_all(tmp_path)
    for _, connections in opening._READY.values():
        connections.close()
    opening._READY.clear()


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in the test's own process, whose readers it can change."""
    monkeypatch.setattr("engine.data.readers.loaders.confined", lambda entry, request, *_: resolve_name(entry)(request))


@pytest.fixture(scope="session")
def drawn_scenes(shared: Path) -> Path:
    """The data folder of a home in which the scenes are ready: drawing them takes seconds."""
    from engine.data import load_detection

    place = shared / "scenes"
    with pytest.MonkeyPatch.context() as patch, locked(place.with_name("scenes.lock")):
        patch.setenv("DARKROOM_HOME", str(place))
        load_detection("Scenes")
    return place / "data"


@pytest.fixture
def scenes(home: Path, drawn_scenes: Path) -> None:
    """The home has the scenes ready."""
    shutil.copytree(drawn_scenes, home / "data", dirs_exist_ok=True)
