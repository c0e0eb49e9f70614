"""A damaged database is kept, and what it still holds comes back run by run."""

from __future__ import annotations

import random
import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.store import Recorder, Run, Store, chunks, opening, points, repair
from engine.study.study import Study
from engine.study.versions import Studies
from tests.engine.store.conftest import MakeRun

_RUNS = 60
_PAGE = 4096
_STUDY = Study.model_validate({"name": "rates", "factors": {"lr": [0.1, 0.01]}})


@pytest.fixture
def runs(store: Store, make_run: MakeRun) -> list[Run]:
    """Sixty finished runs with 2,000 packed steps each, in a vacuumed database without a write-ahead log beside it."""
    made = [make_run("finished", name=f"run {number}", notes="n" * 500) for number in range(_RUNS)]
    steps = np.arange(1, 2001)
    with store.connections.writing() as connection:
        for run in made:
            points.add(connection, run.id, {"loss": (steps, run.id / steps)})
            chunks.rewrite(connection, run.id, "loss")
    for run in made:
        run.folder.mkdir(parents=True, exist_ok=True)
        store.evaluations.add(run.id, "best", "test", {"top1": 0.5}, Path("p"), "x")
    store.settings.set("cpu_slots", 3)
    Studies(store).save(_STUDY)
    store.connections.close()
    with sqlite3.connect(store.path, isolation_level=None) as connection:
        connection.execute("VACUUM")
    connection.close()
    return made


def _overwrite(path: Path, pages: list[int]) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * _PAGE)
            file.write(random.Random(page).randbytes(_PAGE))


def _reopened(store: Store) -> Store:
    opening._READY.clear()
    return Store.open(store.path)


def _run_pages(path: Path) -> list[int]:
    """Zero-based numbers of the leaf pages of ``runs``, found by the notes they hold; a vacuumed file has no others."""
    content = path.read_bytes()
    pages = {page: content[page * _PAGE:(page + 1) * _PAGE] for page in range(1, len(content) // _PAGE)}
    return [page for page, held in pages.items() if held[0] == 13 and b"n" * 500 in held]


def test_runs_outside_the_damage_come_back_whole(store: Store, runs: list[Run]) -> None:
    pages = _run_pages(store.path)
    assert len(pages) > 8
    _overwrite(store.path, [pages[3], pages[7]])
    again = _reopened(store)
    back = again.runs.list()
    assert len(back) == _RUNS
    for run in back:
        assert run.config == runs[run.id - 1].config and run.test_accuracy == 0.5
    (notice,) = again.notices()
    brought = re.search(rf"(\d+) of {_RUNS} runs were recovered into a new file. (\d+) runs came back", notice)
    assert brought and _RUNS - 6 <= int(brought[1]) < _RUNS == int(brought[1]) + int(brought[2])
    whole = [run for run in back if again.metrics.summary(run.id)]
    assert len(whole) == int(brought[1])
    for run in whole:
        steps, values = again.metrics.since(run.id, "loss", 0)
        assert np.array_equal(steps, np.arange(1, 2001)) and np.array_equal(values, run.id / steps)
        assert again.metrics.summary(run.id)["loss"].count == 2000
    assert again.settings.get("cpu_slots") == 3
    assert Studies(again).get("rates") == _STUDY
    (aside,) = store.path.parent.glob("runs.db.damaged-*")
    assert f"The damaged file is {aside.name}" in notice


@pytest.mark.parametrize("seed", range(5))
def test_wherever_the_damage_is_it_is_found_or_harmless(seed: int, store: Store, runs: list[Run]) -> None:
    size = store.path.stat().st_size // _PAGE
    _overwrite(store.path, random.Random(seed).sample(range(1, size), 3))
    again = _reopened(store)
    for run in again.runs.list():
        assert run.name == runs[run.id - 1].name
        for name in again.metrics.summary(run.id):
            assert len(again.metrics.since(run.id, name, 0)[0]) == again.metrics.summary(run.id)[name].count
    assert _reopened(store).notices() == again.notices()


def test_new_runs_do_not_take_the_ids_of_lost_ones(store: Store, runs: list[Run], make_run: MakeRun) -> None:
    _overwrite(store.path, _run_pages(store.path))
    for run in runs:
        (run.folder / "run.json").unlink()
    again = _reopened(store)
    assert len(again.runs.list()) < _RUNS
    assert make_run().id > max(run.id for run in runs)


def test_a_live_recorder_finds_the_repaired_database_and_brings_its_journal(store: Store, make_run: MakeRun) -> None:
    run = make_run("running")
    with Recorder(store, run.id, 1) as recorder:
        for step in range(1, 501):
            recorder.log(step, {"loss": 1.0}, 1)
        recorder._flush()
        store.connections.checkpoint()
        with sqlite3.connect(store.path, isolation_level=None) as connection:
            connection.execute("DELETE FROM metric_chunks")
        repair.set_aside_and_salvage(store.path, "a test", lambda fresh: opening._create(fresh, "wal"))
        recorder.log(501, {"loss": 1.0}, 1)
    assert np.array_equal(store.metrics.since(run.id, "loss", 0)[0], np.arange(1, 502))


def test_a_repair_that_fails_leaves_everything_as_it_was(store: Store, runs: list[Run],
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    _overwrite(store.path, _run_pages(store.path)[:1])
    before = store.path.read_bytes()

    def full(path: Path, aside: Path, fresh: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(repair, "_swap", full)
    with pytest.raises(UserError, match="cannot be repaired here"):
        _reopened(store)
    assert store.path.read_bytes() == before
    assert not list(store.path.parent.glob(".runs.db*"))


def test_damage_met_in_the_middle_of_work_is_named(store: Store, runs: list[Run]) -> None:
    _overwrite(store.path, _run_pages(store.path))
    with pytest.raises(UserError, match="damaged"):
        store.runs.list()
