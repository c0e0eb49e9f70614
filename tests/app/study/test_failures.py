"""Why runs failed, as a study shows it: a reason once, with all the runs that it ended."""

from __future__ import annotations

from pathlib import Path

from app.study.failures import reasons
from engine.store import Run, Store
from tests.fake_runs import add_run


def _failed(store: Store, error: str | None) -> Run:
    run = add_run(store, "failed", epochs=0)
    store.runs.update(run.id, error=error)
    return store.runs.get(run.id)


def test_a_reason_is_told_once_the_commonest_first_and_a_stopped_run_has_none(home: Path) -> None:
    store = Store.open()
    rare, stopped, *common = (_failed(store, error) for error in ("no room", None, "the loss became nan",
                                                                 "the loss became nan"))
    assert [(reason, [run.id for run in runs]) for reason, runs in reasons([rare, stopped, *common])] == [
        ("the loss became nan", [run.id for run in common]), ("no room", [rare.id])]
