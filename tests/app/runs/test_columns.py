"""The columns of the table of runs: computed anew only for runs that have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.kit.store import runs
from app.runs.columns import Column, _values, differing_options
from engine.store import Store
from tests.fake_runs import add_run


@pytest.fixture
def store(home: Path) -> Store:
    return Store.open()


def test_only_runs_that_have_changed_are_read_again(store: Store) -> None:
    first, second, live = (add_run(store, status) for status in ("finished", "stopped", "running"))
    asked = []

    def value(run: Any) -> str:
        asked.append(run.id)
        return str(run.name)

    def read() -> tuple[list[str], list[int]]:
        asked.clear()
        return list(_values(str(store.path), store.version(), "asked", Column("Asked", None, value))), sorted(asked)

    assert read() == ([run.name for run in runs()], [first.id, second.id, live.id])
    store.runs.rename(first.id, "renamed")
    assert read() == ([live.name, second.name, "renamed"], [first.id, live.id])  # a live run may have fallen silent
    store.trash.put(second.id)
    new = add_run(store, "stopped")
    assert read() == ([new.name, live.name, "renamed"], [live.id, new.id])


def test_options_that_begin_to_differ_are_noticed(store: Store) -> None:
    runs_before = [add_run(store, "stopped", seed=seed) for seed in range(2)]
    assert differing_options(runs_before) == ["seed"]
    slower = add_run(store, "stopped", lr=0.5)
    assert differing_options([*runs_before, slower]) == ["lr", "seed"]
    assert differing_options(runs_before) == ["seed"]


def test_options_of_imported_runs_are_compared_as_far_as_they_are_known(store: Store) -> None:
    for lr in (0.1, 0.2):
        run = add_run(store, "stopped", lr=lr)
        store.runs.update(run.id, origin={"key": str(lr), "known": ["lr"]})
        differing_options(runs())
    assert differing_options(runs()) == ["lr"]
    add_run(store, "stopped", lr=0.1, optimizer="SGD")
    assert "lr" in differing_options(runs())
