"""Journals reach the database in order and once, whatever was flushed before the trainer died."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.store import Store
from engine.store.journal import JournalWriter, discard_line, journal_path, journals, logged_line
from engine.store.replay import replay
from tests.engine.store.conftest import MakeRun


def _journal(folder: Path, attempt: int, steps: range, value: float, after: int | None = None) -> None:
    writer = JournalWriter(journal_path(folder, attempt))
    if after is not None:
        writer.append(discard_line(after))
    for step in steps:
        writer.append(logged_line(step, step // 10, [("loss", value)]))
    writer.close()


def test_a_dead_runs_journal_is_read_by_whoever_asks(store: Store, make_run: MakeRun) -> None:
    run = make_run("failed")
    _journal(run.folder, 1, range(1, 101), 0.5)
    steps, values = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(steps, np.arange(1, 101)) and np.all(values == 0.5)
    assert (store.runs.get(run.id).step, store.runs.get(run.id).epoch) == (100, 10)
    assert list(store.metrics.summary(run.id)) == ["loss"]


def test_a_live_runs_journal_is_left_to_its_trainer(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    _journal(run.folder, 1, range(1, 101), 0.5)
    assert store.metrics.summary(run.id) == {}


def test_a_journal_that_is_sealed_while_it_is_looked_at_is_no_error(store: Store, make_run: MakeRun,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run("finished")
    _journal(run.folder, 1, range(1, 101), 0.5)

    def sealed_meanwhile(folder: Path) -> list[tuple[int, Path]]:
        found = journals(folder)
        monkeypatch.setattr("engine.store.replay.journals", journals)
        store.metrics.seal(run.id)
        return found

    monkeypatch.setattr("engine.store.replay.journals", sealed_meanwhile)
    assert len(store.metrics.since(run.id, "loss", 0)[0]) == 100
    assert journals(run.folder) == []


def test_reading_again_changes_nothing(store: Store, make_run: MakeRun) -> None:
    run = make_run("failed")
    _journal(run.folder, 1, range(1, 101), 0.5)
    with journal_path(run.folder, 1).open("ab") as file:
        file.write(b"1234abcd 101 1 lo")
    store.metrics.summary(run.id)
    version = store.version()
    assert store.metrics.summary(run.id)["loss"].count == 100
    assert store.version() == version


@pytest.mark.parametrize("sealed", [False, True])
def test_a_later_attempt_supersedes_what_it_repeats(sealed: bool, store: Store, make_run: MakeRun) -> None:
    run = make_run("finished")
    _journal(run.folder, 1, range(1, 101), 1.0)
    if sealed:
        store.metrics.seal(run.id)
    store.runs.requeue(run.id)
    _journal(run.folder, 2, range(81, 151), 2.0, after=80)
    _journal(run.folder, 3, range(121, 131), 3.0, after=120)
    steps, values = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(steps, np.arange(1, 131))
    assert np.array_equal(values, np.repeat([1.0, 2.0, 3.0], [80, 40, 10]))
    assert store.metrics.summary(run.id)["loss"].count == 130
    assert store.runs.get(run.id).step == 130


def test_replaying_everything_again_gives_the_same(store: Store, make_run: MakeRun) -> None:
    run = make_run("failed")
    _journal(run.folder, 1, range(1, 101), 1.0)
    _journal(run.folder, 2, range(81, 151), 2.0, after=80)
    before = store.metrics.since(run.id, "loss", 0)
    with store.connections.writing() as connection:
        connection.execute("UPDATE runs SET journal_attempt = 0, journal_offset = 0")
    replay(store.connections, run.id)
    after = store.metrics.since(run.id, "loss", 0)
    assert np.array_equal(before[0], after[0]) and np.array_equal(before[1], after[1])
