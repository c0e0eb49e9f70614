"""The matrix finds each cell's run by what it computes, and never counts one twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.config import RunConfig
from engine.errors import ConfigError
from engine.store import Run, Store
from engine.study.configs import cell_config, cell_options
from engine.study.matrix import State, matrix
from engine.study.outcomes import outcomes
from engine.study.study import Study
from tests.fake_runs import add_run

DECLARED: dict[str, Any] = {
    "name": "a study", "seeds": [0, 1], "settings": {"epochs": 2, "aug-name": "weak", "lr": 0.5},
    "factors": {"lr": [0.1, 0.01], "model": {"A": "tinyvgg_a", "B": "tinyvgg_b"}},
    "adjust": [{"when": {"model": "B"}, "set": {"batch_size": 128, "lr": 0.3}}],
}


@pytest.fixture
def study() -> Study:
    return Study.model_validate(DECLARED)


def test_levels_win_over_adjustments_and_those_over_settings(study: Study) -> None:
    assert cell_options(study, ("0.1", "B")) == {"epochs": 2, "augmentation": "weak", "lr": 0.1, "batch_size": 128,
                                                 "model": "tinyvgg_b"}
    config = cell_config(study, ("0.1", "A"), 7)
    assert (config.seed, config.batch_size, config.name) == (7, 64, "a study_lr0.1_A_s7")
    assert config.tags == ("a study",)


def test_a_value_that_an_option_does_not_have_is_told(study: Study) -> None:
    wrong = study.model_copy(update={"settings": {"epochs": "many"}})
    with pytest.raises(ConfigError, match="epochs: 'many' is not a whole number"):
        cell_config(wrong, ("0.1", "A"), 0)


def test_a_place_means_the_same_from_every_folder(study: Study, monkeypatch: pytest.MonkeyPatch,
                                                  tmp_path: Path) -> None:
    placed = study.model_copy(update={"settings": {"dataset": "npy", "data_path": "arrays"}})
    monkeypatch.chdir(tmp_path)
    assert cell_config(placed, ("0.1", "A"), 0).data_path == str(tmp_path.resolve() / "arrays")


def _run_of(store: Store, config: RunConfig, status: str, **more: Any) -> Run:
    return store.runs.create(config, status=status, environment={}, git_commit=None, git_dirty=False, **more)


def test_each_cell_and_seed_stands_where_its_run_does(store: Store, study: Study) -> None:
    first, second = study.cells[0], study.cells[1]
    done = add_run(store, **cell_config(study, first, 0).model_dump() | {"name": "asked for by itself", "tags": ()})
    _run_of(store, cell_config(study, first, 1), "running")
    _run_of(store, cell_config(study, second, 0), "failed")
    lost = _run_of(store, cell_config(study, second, 1), "lost")
    _run_of(store, cell_config(study, second, 7), "finished")
    found = matrix(store, study)
    assert [entry.state for entry in found.entries] == [
        State.DONE, State.RUNNING, State.FAILED, State.FAILED, *[State.MISSING] * 4]
    assert found.by_cell[first][0].run == done and found.by_cell[second][1].run == lost
    assert found.counts == {"done": 1, "running": 1, "queued": 0, "paused": 0, "failed": 2, "missing": 4}
    assert found.runs(State.FAILED)[-1] == lost


def test_the_furthest_run_counts_and_of_finished_ones_the_first(store: Store, study: Study) -> None:
    config = cell_config(study, study.cells[0], 0)
    _run_of(store, config, "failed")
    assert matrix(store, study).entries[0].state is State.FAILED
    newer = _run_of(store, config, "failed")
    assert matrix(store, study).entries[0].run == newer
    first = _run_of(store, config, "finished")
    _run_of(store, config, "finished")
    _run_of(store, config, "running")
    assert matrix(store, study).entries[0].run == first


def test_an_outcome_holds_what_its_test_measured(store: Store, study: Study) -> None:
    run = add_run(store, **cell_config(study, study.cells[0], 0).model_dump())
    (found,) = outcomes(store, study)
    (test,) = store.evaluations.of(run.id)
    assert (found.cell, found.seed, found.run, found.imported) == (study.cells[0], 0, run.id, False)
    assert found.metrics["top1"] == test.metrics["top1"] == pytest.approx(356 / 360)
    assert found.metrics["macro_f1"] == test.metrics["macro_f1"]
    assert found.metrics["val_accuracy"] == pytest.approx(0.89)
    assert found.metrics["parameters"] == 153_000 and found.metrics["seconds"] == run.seconds > 0
    assert found.metrics["peak_memory"] == 3e8 and found.rounding == {}


def test_results_from_elsewhere_stand_beside_those_from_here(store: Store, study: Study) -> None:
    cell = ("0.01", "B")
    origin = {"study": study.name, "levels": {"lr": "0.01", "model": "B"}, "rounding": {"top1_error": 0.0005}}
    config = cell_config(study, cell, 0)
    run = _run_of(store, config, "finished", origin=origin)
    store.evaluations.add(run.id, "best", "test", {"top1_error": 0.341}, Path(), "")
    _run_of(store, config, "finished", origin={**origin, "study": "another"})
    entries = matrix(store, study).by_cell[cell]
    assert [(entry.seed, entry.state) for entry in entries] == [(0, "missing"), (1, "missing"), (None, "done")]
    (found,) = outcomes(store, study)
    assert found.imported and found.seed is None and found.cell == cell
    assert found.metrics == pytest.approx({"top1_error": 0.341, "top1": 0.659})
    assert found.rounding == {"top1_error": 0.0005, "top1": 0.0005}


def test_a_run_that_could_be_of_two_cells_is_of_none(store: Store) -> None:
    study = Study.model_validate({"name": "names only", "factors": {"who": {"a": {}, "b": {}}}, "seeds": [0]})
    _run_of(store, RunConfig(), "finished")
    assert matrix(store, study).counts["done"] == 0 and outcomes(store, study) == []
