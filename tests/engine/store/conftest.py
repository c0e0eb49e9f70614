"""A store in a fresh home, and runs to put into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.store import Run, Store

MakeRun = Callable[..., Run]


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


@pytest.fixture
def make_run(store: Store) -> MakeRun:
    def make(status: str = "queued", **options: object) -> Run:
        config = RunConfig.model_validate({"name": "toy", **options})
        return store.runs.create(config, status=status, environment={"python": "3"}, git_commit="abc", git_dirty=True)

    return make
