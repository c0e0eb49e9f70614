"""A config diff shows what differs and nothing else."""

from __future__ import annotations

from pathlib import Path

from engine.analysis.compare import config_diff, label
from engine.config import parse_config
from engine.store import Run, Store


def runs(*options: dict[str, object]) -> list[Run]:
    store = Store.open()
    return [store.runs.create(parse_config(values), environment={}, git_commit=None, git_dirty=False)
            for values in options]


def test_only_what_differs_in_the_forms_order(home: Path) -> None:
    pair = runs({"lr": 0.1, "name": "a", "seed": 3, "optimizer": "SGD"},
                {"lr": 0.01, "name": "b", "seed": 3, "optimizer": "AdamW"})
    assert config_diff(pair) == [("optimizer", ["SGD", "AdamW"]), ("lr", [0.1, 0.01])]


def test_everything_when_asked(home: Path) -> None:
    rows = dict(config_diff(runs({}, {}), hide_equal=False))
    assert rows["seed"] == [0, 0] and "name" not in rows


def test_labels_are_for_people() -> None:
    assert label("lr") == "Learning rate" and label("epochs") == "Epochs"
