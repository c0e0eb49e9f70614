"""A small study of Digits in a home of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.store import Store
from engine.study.study import Study

DECLARED: dict[str, Any] = {
    "name": "digits", "seeds": [0, 1], "settings": {"epochs": 2, "device": "cpu"},
    "factors": {"augmentation": ["default", "weak"], "batch_size": [64, 128]},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"augmentation": ["weak", "default"]}}],
}


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


@pytest.fixture
def study() -> Study:
    return Study.model_validate(DECLARED)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No dispatcher is started, and no job."""
    monkeypatch.setattr("engine.launch.queue.ensure_dispatcher", lambda: None)
    monkeypatch.setattr("engine.costs.answers.can_ask", lambda: False)
