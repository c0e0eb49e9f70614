"""Tables whose figures are worked out by hand."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from engine.analysis.tables import table
from engine.analysis.tables.table import IN_PART, KEPT_OUT
from engine.errors import UserError
from engine.study.outcomes import Outcome
from engine.study.study import Study, TableSpec

STUDY = Study.model_validate({"name": "s", "factors": {
    "model": ["tinyvgg_a", "tinyvgg_b"],
    "pretrained": {"scratch": {"weights": "scratch"}, "pretrained": {"weights": "pretrained"}},
    "train_fraction": [1.0, 0.1]}})
ACCURACY = {
    ("tinyvgg_a", "scratch", "1.0"): (0.70, 0.72, 0.74), ("tinyvgg_a", "scratch", "0.1"): (0.40, 0.43, 0.46),
    ("tinyvgg_a", "pretrained", "1.0"): (0.81, 0.82, 0.83), ("tinyvgg_a", "pretrained", "0.1"): (0.60, 0.65, 0.70),
    ("tinyvgg_b", "scratch", "1.0"): (0.50, 0.52, 0.54), ("tinyvgg_b", "scratch", "0.1"): (0.30, 0.31, 0.32),
    ("tinyvgg_b", "pretrained", "1.0"): (0.90, 0.91, 0.92)}


def outcomes(**more: Any) -> list[Outcome]:
    places = [(cell, seed, value) for cell, values in ACCURACY.items() for seed, value in enumerate(values)]
    return [Outcome(cell, seed, run, {"top1": value}, **more) for run, (cell, seed, value) in enumerate(places)]


def spec(**values: Any) -> TableSpec:
    return TableSpec(**values)


def test_rows_columns_and_differences() -> None:
    made = table(STUDY, spec(title="T", rows=("model", "train_fraction"), columns=("pretrained",),
                             delta={"pretrained": ("pretrained", "scratch")}, relative=True), outcomes())
    assert made.labels == ("Model", "Train fraction")
    assert [column.headings for column in made.columns] == [
        ("scratch",), ("pretrained",), ("Δ (pretrained − scratch), points",),
        ("Δ (pretrained − scratch), % of scratch",)]
    assert [row.labels for row in made.rows] == [("tinyvgg_a", "1.0"), ("tinyvgg_a", "0.1"), ("tinyvgg_b", "1.0"),
                                                 ("tinyvgg_b", "0.1")]
    first = made.where("tinyvgg_a", "1.0").cells
    assert [cell.text for cell in first] == ["72.00 ± 2.00 (3)", "82.00 ± 1.00 (3)", "+10.00 ± 1.00 (3)", "+13.9"]
    assert first[2].value == pytest.approx(0.10) and first[2].n == 3
    assert first[2].sd == pytest.approx(statistics.stdev([0.11, 0.10, 0.09]))
    assert first[3].value == pytest.approx(0.10 / 0.72)
    assert [cell.text for cell in made.where("tinyvgg_b", "0.1").cells] == ["31.00 ± 1.00 (3)", "–", "–", "–"]


def test_rows_can_be_sorted_by_another_factor_than_the_first() -> None:
    made = table(STUDY, spec(rows=("model", "pretrained"), columns=("train_fraction",), order=("pretrained",)),
                 outcomes())
    assert [row.labels for row in made.rows] == [("tinyvgg_a", "scratch"), ("tinyvgg_b", "scratch"),
                                                 ("tinyvgg_a", "pretrained"), ("tinyvgg_b", "pretrained")]
    assert [column.headings for column in made.columns] == [("Train fraction 1.0",), ("Train fraction 0.1",)]


def test_two_differences_make_the_difference_between_them() -> None:
    made = table(STUDY, spec(rows=("model",), columns=("pretrained", "train_fraction"),
                             delta={"pretrained": ("pretrained", "scratch"), "train_fraction": ("1.0", "0.1")}),
                 outcomes())
    assert len(made.columns) == 9 and not made.columns[-1].plain
    (interaction,) = [row.cells[-1] for row in made.rows if row.labels == ("tinyvgg_a",)]
    assert interaction.value == pytest.approx((0.82 - 0.72) - (0.65 - 0.43)) and interaction.n == 3
    assert made.header[0][0].text == "scratch" and [heading.span for heading in made.header[0]] == [3, 3, 3]


def test_a_factor_that_is_nowhere_is_averaged_over_seed_by_seed() -> None:
    made = table(STUDY, spec(rows=("model",)), outcomes())
    whole = made.where("tinyvgg_a").cells[0]
    by_seed = [(0.70 + 0.40 + 0.81 + 0.60) / 4, (0.72 + 0.43 + 0.82 + 0.65) / 4, (0.74 + 0.46 + 0.83 + 0.70) / 4]
    assert whole.value == pytest.approx(statistics.fmean(by_seed))
    assert whole.sd == pytest.approx(statistics.stdev(by_seed)) and whole.n == 3
    in_part = made.where("tinyvgg_b").cells[0]
    assert in_part.value == pytest.approx((0.52 + 0.31 + 0.91) / 3) and in_part.marks == IN_PART
    assert made.notes[0] == "Averaged over pretrained, train fraction." and any(IN_PART in note for note in made.notes)


def test_levels_chosen_are_not_averaged_over() -> None:
    made = table(STUDY, spec(rows=("model",), at={"pretrained": "scratch", "train_fraction": 1.0}), outcomes())
    assert made.where("tinyvgg_a").cells[0].value == pytest.approx(0.72)
    assert not any("Averaged" in note for note in made.notes)


def test_without_shared_seeds_a_difference_has_no_spread() -> None:
    unknown = [Outcome(one.cell, None, one.run, one.metrics) for one in outcomes()]
    made = table(STUDY, spec(rows=("model",), columns=("pretrained",), at={"train_fraction": 1.0},
                             delta={"pretrained": ("pretrained", "scratch")}), unknown)
    cells = made.where("tinyvgg_a").cells
    assert [cell.text for cell in cells] == ["72.00 ± 2.00 (3)", "82.00 ± 1.00 (3)", "+10.00"]


def test_unequal_seeds_are_told() -> None:
    made = table(STUDY, spec(rows=("model",), columns=("pretrained",), at={"train_fraction": 1.0}), outcomes()[:-2])
    assert [cell.text for cell in made.where("tinyvgg_b").cells] == ["52.00 ± 2.00 (3)", "90.00 (1)"]


def test_runs_kept_out_are_left_out_or_marked() -> None:
    spec_ = spec(rows=("model",), columns=("pretrained",), at={"train_fraction": 1.0},
                 delta={"pretrained": ("pretrained", "scratch")})
    ids = {one.run for one in outcomes() if one.cell == ("tinyvgg_b", "pretrained", "1.0")}
    made = table(STUDY, spec_, outcomes(), kept_out={0, *ids})
    some, none = made.where("tinyvgg_a").cells, made.where("tinyvgg_b").cells
    assert some[0].value == pytest.approx(0.73) and some[0].marks == KEPT_OUT and some[0].n == 2
    assert some[1].marks == ""
    assert none[1].value == pytest.approx(0.91) and none[1].marks == KEPT_OUT and none[2].marks == KEPT_OUT
    assert any(KEPT_OUT in note for note in made.notes)


def test_no_digit_is_printed_that_the_inputs_do_not_carry() -> None:
    rounded = outcomes(rounding={"top1": 0.0005})
    made = table(STUDY, spec(rows=("model",), columns=("pretrained",), at={"train_fraction": 1.0}, relative=True,
                             delta={"pretrained": ("pretrained", "scratch")}), rounded)
    cells = made.where("tinyvgg_a").cells
    assert [cell.text for cell in cells] == ["72.0 ± 2.0 (3)", "82.0 ± 1.0 (3)", "+10.0 ± 1.0 (3)", "+14"]
    assert [cell.rounding for cell in cells[:3]] == pytest.approx([0.0005, 0.0005, 0.001])
    assert cells[3].rounding == pytest.approx((0.0005 + 0.82 / 0.72 * 0.0005) / 0.72)


def test_fractions_when_asked_with_differences_in_points() -> None:
    made = table(STUDY, spec(rows=("model",), columns=("pretrained",), at={"train_fraction": 1.0}, as_fractions=True,
                             digits=3, delta={"pretrained": ("pretrained", "scratch")}), outcomes())
    assert [cell.text for cell in made.where("tinyvgg_a").cells] == ["0.720 ± 0.020 (3)", "0.820 ± 0.010 (3)",
                                                                     "+10.0 ± 1.0 (3)"]


def test_the_best_combination_of_each_row() -> None:
    made = table(STUDY, spec(rows=("train_fraction",), best_of=("model", "pretrained"), metrics=("top1", "loss")),
                 outcomes())
    assert made.labels == ("Train fraction", "Best: model + pretrained")
    assert [row.labels for row in made.rows] == [("1.0", "tinyvgg_b + pretrained"), ("0.1", "tinyvgg_a + pretrained")]
    assert [cell.text for cell in made.rows[0].cells] == ["91.00 ± 1.00 (3)", "–"]


def test_options_beside_the_levels() -> None:
    study = STUDY.model_copy(update={"settings": {"epochs": 7}})
    made = table(study, spec(rows=("pretrained",), options=("weights", "epochs", "model")), [])
    assert made.labels == ("Pretrained", "Weights", "Epochs", "Model")
    assert made.rows[0].labels == ("scratch", "scratch", "7", "tinyvgg_a, tinyvgg_b")
    assert made.rows[0].cells[0].text == "–"


def test_cells_that_are_not_in_the_design_stay_blank() -> None:
    study = Study(**{**STUDY.model_dump(), "leave_out": [{"model": "tinyvgg_b", "train_fraction": "0.1"}]})
    made = table(study, spec(rows=("model",), columns=("train_fraction",), at={"pretrained": "scratch"}), outcomes())
    assert made.where("tinyvgg_b").cells[1].text == "" and made.where("tinyvgg_a").cells[1].text == "43.00 ± 3.00 (3)"


@pytest.mark.parametrize(("values", "told"), [
    ({"rows": ("modle",)}, "tables: rows: 'modle' is not a factor of the study: model, pretrained, train_fraction"),
    ({"at": {"model": "vgg"}}, "tables: at: model: 'vgg' is not one of tinyvgg_a, tinyvgg_b"),
    ({"metrics": ("accuracy",)}, "tables: metrics: 'accuracy' is not one of top1"),
    ({"rows": ("model",), "columns": ("model",)}, "tables: model cannot be both in rows and in columns and delta"),
    ({"rows": ("model",), "best_of": ("pretrained",), "columns": ("train_fraction",)}, "tables: best_of shows one"),
    ({"options": ("epoch",)}, "tables: options: 'epoch' is not an option of a run"),
])
def test_a_table_that_cannot_be_is_refused_in_one_line(values: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as refused:
        table(STUDY, spec(**values), outcomes())
    assert str(refused.value).startswith(told) and "\n" not in str(refused.value)
