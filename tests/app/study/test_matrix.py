"""The matrix as a table: headings, figures, shades and marks."""

from __future__ import annotations

from typing import Any

import pytest

from app.study.matrix import across_by_default, as_table
from engine.store import Run, Store
from engine.study.matrix import Entry, Matrix, State
from engine.study.outcomes import Outcome
from engine.study.study import Study
from tests.fake_runs import add_run

STUDY = Study.model_validate({
    "name": "s", "factors": {"model": ["tinyvgg_a", "tinyvgg_b"], "lr": [0.1, 0.2], "mixing": ["none", "mixup"]},
    "leave_out": [{"model": "tinyvgg_b", "lr": 0.2, "mixing": "mixup"}], "seeds": [0, 1]})


@pytest.fixture
def runs(home: object) -> list[Run]:
    store = Store.open()
    return [add_run(store), add_run(store), add_run(store, "running", epochs=1)]


def _table(runs: list[Run], values: list[float], kept_out: set[int] | None = None,
           metric: str = "top1") -> dict[str, Any]:
    """The first cell done twice, the second once and still running once, all others missing."""
    first, second = STUDY.cells[:2]
    entries = [Entry(first, 0, State.DONE, runs[0]), Entry(first, 1, State.DONE, runs[1]),
               Entry(second, 0, State.RUNNING, runs[2]), Entry(second, 1, State.MISSING)]
    entries += [Entry(cell, seed, State.MISSING) for cell in STUDY.cells[2:] for seed in STUDY.seeds]
    outcomes = [Outcome(first, seed, run.id, {metric: value})
                for seed, (run, value) in enumerate(zip(runs, values, strict=False))]
    return as_table(Matrix(STUDY, tuple(entries)), outcomes, metric, ["mixing"], kept_out or set())


def test_factors_stand_down_and_across_with_headings_over_all_they_mean(runs: list[Run]) -> None:
    table = _table(runs, [0.9, 0.8])
    assert table["corner"] == ["model", "lr"]
    assert table["head"] == [[{"label": "none", "span": 1}, {"label": "mixup", "span": 1}]]
    assert [row["heads"] for row in table["rows"]] == [
        [{"label": "tinyvgg_a", "span": 2}, {"label": "0.1", "span": 1}], [{"label": "0.2", "span": 1}],
        [{"label": "tinyvgg_b", "span": 2}, {"label": "0.1", "span": 1}], [{"label": "0.2", "span": 1}]]
    assert table["rows"][3]["boxes"][1] is None


def test_a_cell_has_mean_and_spread_and_a_mark_for_every_run(runs: list[Run]) -> None:
    done, running = _table(runs, [0.9, 0.8])["rows"][0]["boxes"]
    assert (done["text"], done["note"]) == ("85.00 %", "± 7.07 (2)")
    assert [mark["state"] for mark in done["marks"]] == ["done", "done"]
    assert done["open"] == {"page": "live", "runs": [runs[0].id, runs[1].id]}
    assert done["marks"][0]["open"] == {"page": "results", "runs": [runs[0].id]}
    assert [mark["state"] for mark in running["marks"]] == ["running", "missing"]
    assert running["marks"][0]["share"] == 1.0
    assert running["text"] == ""
    assert running["heat"] is None


def test_what_is_kept_out_is_marked_and_not_averaged(runs: list[Run]) -> None:
    done = _table(runs, [0.9, 0.1], {runs[1].id})["rows"][0]["boxes"][0]
    assert (done["text"], done["note"]) == ("90.00 %", "")
    assert [mark["state"] for mark in done["marks"]] == ["done", "out"]
    assert "excluded" in done["marks"][1]["title"]


def test_where_all_is_kept_out_the_figure_stays_to_be_seen(runs: list[Run]) -> None:
    done = _table(runs, [0.9, 0.1], {run.id for run in runs})["rows"][0]["boxes"][0]
    assert (done["text"], done["out"], done["heat"]) == ("50.00 %", True, None)


def test_the_best_cell_is_darkest_also_where_lower_is_better(runs: list[Run]) -> None:
    first, second = STUDY.cells[:2]
    entries = tuple(Entry(cell, 0, State.DONE, run) for cell, run in zip((first, second), runs, strict=False))
    for metric, darkest in (("top1", 1), ("loss", 0)):
        outcomes = [Outcome(first, 0, runs[0].id, {metric: 0.2}), Outcome(second, 0, runs[1].id, {metric: 0.4})]
        boxes = as_table(Matrix(STUDY, entries), outcomes, metric, ["mixing"], set())["rows"][0]["boxes"]
        assert [box["heat"] for box in boxes] == [float(place == darkest) for place in (0, 1)]


def test_all_factors_may_stand_across(runs: list[Run]) -> None:
    table = as_table(Matrix(STUDY, ()), [], "top1", ["model", "lr", "mixing"], set())
    assert [len(line) for line in table["head"]] == [2, 4, 7]
    assert len(table["rows"]) == 1


@pytest.mark.parametrize(("levels", "across"), [
    ({"model": 2, "lr": 2}, ["lr"]), ({"model": 2, "lr": 9}, ["model"]), ({"lr": 9}, ["lr"]), ({"model": 2}, ["model"]),
    ({"dataset": 2, "model": 2, "mixing": 3, "pretrained": 2}, ["mixing", "pretrained"])])
def test_the_last_factors_stand_beside_each_other_while_there_is_room(levels: dict[str, int],
                                                                      across: list[str]) -> None:
    assert across_by_default({name: [str(level) for level in range(count)] for name, count in levels.items()}) == across
