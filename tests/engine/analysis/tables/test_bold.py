"""Bold means significantly best across seeds, among cells of one task; by luck it appears in 5 % of tables at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from engine.analysis.tables import Table, table
from engine.study.factors import CellKey
from engine.study.outcomes import Outcome
from engine.study.study import Study, TableSpec

STUDY = Study.model_validate({"name": "s", "factors": {"dataset": ["Digits", "FashionMNIST"],
                                                       "model": ["tinyvgg_a", "tinyvgg_b", "tinyvgg_c"]}})
ACROSS = TableSpec(rows=("model",), columns=("dataset",))


def outcomes(study: Study, value: Callable[[CellKey, int], float], seeds: Sequence[int] = range(5)) -> list[Outcome]:
    places = [(cell, seed) for cell in study.cells for seed in seeds]
    return [Outcome(cell, seed, run, {"top1": value(cell, seed), "loss": 1 - value(cell, seed)})
            for run, (cell, seed) in enumerate(places)]


def bold(made: Table) -> set[tuple[str, int]]:
    return {(row.labels[0], place) for row in made.rows for place, cell in enumerate(row.cells) if cell.bold}


def spread(seed: int, cell: CellKey) -> float:
    """Differs from cell to cell, so that pairs differ by more than their means."""
    return 0.002 * ((seed * 7 + len(cell[0]) + 3 * ord(cell[1][-1])) % 5)


def test_the_best_of_each_data_set_where_it_is_surely_the_best() -> None:
    level = {("Digits", "tinyvgg_a"): 0.7, ("Digits", "tinyvgg_b"): 0.8, ("FashionMNIST", "tinyvgg_c"): 0.9}
    made = table(STUDY, ACROSS, outcomes(STUDY, lambda cell, seed: level.get((cell[0], cell[1]), 0.5)
                                         + spread(seed, cell)))
    assert bold(made) == {("tinyvgg_b", 0), ("tinyvgg_c", 1)}
    assert "Bold: significantly better than all values it is compared with, at 5 % across seeds (Holm)." in made.notes


def test_what_lies_within_the_spread_is_not_bold() -> None:
    level = {"tinyvgg_a": 0.8, "tinyvgg_b": 0.8001}
    made = table(STUDY, ACROSS, outcomes(STUDY, lambda cell, seed: level.get(cell[1], 0.5) + spread(seed, cell)))
    assert not bold(made) and not any("Bold" in note for note in made.notes)


def test_of_a_loss_the_lowest() -> None:
    level = {"tinyvgg_b": 0.8}
    spec = TableSpec(rows=("model",), columns=("dataset",), metrics=("loss",))
    made = table(STUDY, spec, outcomes(STUDY, lambda cell, seed: level.get(cell[1], 0.5) + spread(seed, cell)))
    assert bold(made) == {("tinyvgg_b", 0), ("tinyvgg_b", 1)}


def test_one_run_a_cell_or_a_run_kept_out_leaves_nothing_sure() -> None:
    level = {"tinyvgg_b": 0.8}
    found = outcomes(STUDY, lambda cell, seed: level.get(cell[1], 0.5) + spread(seed, cell))
    assert not bold(table(STUDY, ACROSS, [one for one in found if one.seed == 0]))
    rival = {one.run for one in found if one.cell == ("Digits", "tinyvgg_c")}
    assert bold(table(STUDY, ACROSS, found, kept_out=rival)) == {("tinyvgg_b", 1)}


def test_the_best_combination_is_bold_where_it_is_surely_that() -> None:
    level = {("Digits", "tinyvgg_a"): 0.9}
    spec = TableSpec(rows=("dataset",), best_of=("model",))
    made = table(STUDY, spec, outcomes(STUDY, lambda cell, seed: level.get((cell[0], cell[1]), 0.5)
                                       + spread(seed, cell)))
    assert made.rows[0].labels == ("Digits", "tinyvgg_a") and bold(made) == {("Digits", 0)}


def test_levels_that_the_table_does_not_show_are_no_rivals() -> None:
    level = {"tinyvgg_a": 0.7, "tinyvgg_c": 0.9}
    found = outcomes(STUDY, lambda cell, seed: level.get(cell[1], 0.5) + spread(seed, cell))
    spec = TableSpec(rows=("model",), columns=("dataset",), at={"model": ("tinyvgg_a", "tinyvgg_b")})
    assert bold(table(STUDY, spec, found)) == {("tinyvgg_a", 0), ("tinyvgg_a", 1)}


@pytest.mark.slow
@pytest.mark.parametrize("models", [2, 4])
def test_where_nothing_differs_at_most_one_table_in_twenty_has_any_bold(models: int) -> None:
    study = Study.model_validate({"name": "s", "factors": {
        "dataset": ["Digits", "FashionMNIST"], "model": ["tinyvgg_a", "tinyvgg_b", "tinyvgg_c", "tinyvgg_d"][:models]}})
    noise = np.random.default_rng(0)
    tables = 1000
    lucky = sum(bool(bold(table(study, ACROSS, outcomes(study, lambda cell, seed: 0.7 + 0.01 * noise.normal()))))
                for _ in range(tables))
    assert lucky <= tables * 0.05 + 3 * np.sqrt(tables * 0.05 * 0.95)
    assert lucky > 0 or models > 2
