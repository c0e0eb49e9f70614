"""Pages under test start no processes: nothing is trained, measured or looked after."""

from __future__ import annotations

from pathlib import Path

import pytest

import app.fit.table
import app.kit.store
import app.launch.panel
import engine.launch
from engine.config import RunConfig, with_name
from engine.store import Run, Store


@pytest.fixture(autouse=True)
def no_processes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(store: Store, config: RunConfig, parent: int | None = None) -> Run:
        return store.runs.create(with_name(config), environment={}, git_commit=None, git_dirty=False,
                                 parent=parent)

    memory = {"training": 100 << 20, "evaluation": 50 << 20, "process": 400 << 20, "weights": 1 << 20,
              "optimizer": 2 << 20, "source": "followed tensor by tensor"}
    cost = {"parameters": 152_970, "macs": 2_440_000, "input_size": 32, "error": None}
    monkeypatch.setattr(engine.launch, "submit", submit)
    monkeypatch.setattr(app.launch.panel, "describe", lambda config: cost)
    for place in (app.launch.panel, app.fit.table):
        monkeypatch.setattr(place, "memories", lambda configs: [memory] * len(configs))
    monkeypatch.setattr(app.fit.table, "describe", lambda config: cost)
    monkeypatch.setattr(app.kit.store, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(app.kit.store, "reap", lambda store: [])
    monkeypatch.setattr(app.kit.store, "keep_up", lambda connections: None)


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()
