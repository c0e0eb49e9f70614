"""A home that was renamed, or copied elsewhere, is the same home: nothing in it is computed again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.analysis.checkpoint_pairs import checkpoint_evidence
from engine.analysis.ensemble import combine, load_members
from engine.analysis.reading import read_study
from engine.evaluation import evaluate
from engine.evaluation.evaluate import evaluate_request
from engine.evaluation.results import load_results
from engine.launch.queue import create_foreground
from engine.runner.main import train_run
from engine.store import Run, Store
from engine.study.configs import cell_config
from engine.study.study import Study
from tests.engine.training.runs import CPU

STUDY = Study.model_validate({
    "name": "moved", "seeds": [0], "settings": CPU | {"epochs": 1, "train_fraction": 0.2},
    "factors": {"lr": [0.05, 0.02]},
    "hypotheses": [{"name": "H1", "kind": "difference", "between": {"lr": ["0.05", "0.02"]}}]})


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a study of two trained runs; where they were trained is nothing any more."""
    trained = tmp_path_factory.mktemp("old") / "trained"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(trained))
        for cell in STUDY.cells:
            assert train_run(create_foreground(Store.open(), cell_config(STUDY, cell, 0)).id) == 0
    yield trained.rename(trained.with_name("old"))


@pytest.fixture(params=["new", "earlier"])
def moved(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[Run]:
    """The runs of the home after it was renamed; its rows are those of today or of an earlier version."""
    before, after = tmp_path / "before", tmp_path / "after"
    shutil.copytree(old, before)
    monkeypatch.setenv("DARKROOM_HOME", str(before))
    if request.param == "earlier":
        _as_an_earlier_version(Store.open())
    before.rename(after)
    monkeypatch.setenv("DARKROOM_HOME", str(after))
    return Store.open().runs.list()


def test_results_are_read_where_they_are_now(moved: list[Run]) -> None:
    for run in moved:
        results = load_results(Store.open(), run)
        assert results.evaluation.predictions.parent == run.folder and len(results.predictions.ids) == 360


def test_nothing_is_predicted_twice(moved: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "load_weights", lambda *_: pytest.fail("predicted anew"))
    store = Store.open()
    before = store.evaluations.of(moved[0].id)
    evaluate_request({"run": moved[0].id, "checkpoint": "best", "split": "both"})
    assert store.evaluations.of(moved[0].id) == before


def test_ensembles_and_a_studys_checkpoints_find_them(moved: list[Run]) -> None:
    store = Store.open()
    assert combine(load_members(store, moved)).metrics["top1"] > 0
    [pair] = checkpoint_evidence(store, read_study(store, STUDY))
    assert {pair.before.id, pair.after.id} == {run.id for run in moved}


def test_a_copy_reads_its_own_files(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(old, copy)
    monkeypatch.setenv("DARKROOM_HOME", str(copy))
    store = Store.open()
    files = {found.predictions for run in store.runs.list() for found in store.evaluations.of(run.id)}
    assert files == set(copy.glob("artifacts/runs/*/predictions-*.npz"))


def _as_an_earlier_version(store: Store) -> None:
    """Write the rows as versions did that kept whole paths."""
    places = [(str(found.predictions), run.id, found.checkpoint, found.split)
              for run in store.runs.list() for found in store.evaluations.of(run.id)]
    with store.connections.writing() as connection:
        connection.executemany("UPDATE evaluations SET predictions = ? "
                               "WHERE run_id = ? AND checkpoint = ? AND split = ?", places)
