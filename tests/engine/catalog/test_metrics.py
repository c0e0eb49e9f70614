"""Every row says what it must, and its values become text in one way."""

from __future__ import annotations

import math
from dataclasses import fields
from pkgutil import resolve_name

import pytest

from engine.catalog.metric import UNITS, Metric, Shown
from engine.catalog.metrics import (
    CLASS_METRICS,
    CURVES,
    METRICS,
    computed_metrics,
    evaluation_metrics,
    metrics_shown,
    study_metrics,
)
from engine.store import Run
from engine.tasks import TASKS
from engine.words import percent

TABLES = {"run": METRICS, "class": CLASS_METRICS, "curve": CURVES}


@pytest.mark.parametrize("level", TABLES)
def test_rows_are_whole(level: str) -> None:
    for key, row in TABLES[level].items():
        assert row.title and row.help.endswith("."), key
        assert row.unit in UNITS and row.task in ("", *TASKS), key
        assert not row.compute or callable(resolve_name(row.compute)), key


def test_a_figure_of_a_run_is_computed_follows_or_is_the_runs_own() -> None:
    known = {field.name for field in fields(Run)} | vars(Run).keys()
    for key, row in METRICS.items():
        follows = bool(row.complement) and not row.compute
        assert [bool(row.column), bool(row.compute), follows].count(True) == 1, key
        assert not follows or METRICS[row.complement].compute, key
        assert not row.column or row.column in known, key
        assert not row.complement or METRICS[row.complement].complement == key, key
        assert not row.task or row.column or row.source, key


@pytest.mark.parametrize("rows", [study_metrics(), CURVES], ids=["run", "curve"])
def test_a_name_from_elsewhere_means_one_thing(rows: dict[str, Metric]) -> None:
    names = [name for key, row in rows.items() for name in (key, *row.imported)]
    assert len(names) == len(set(names))


def test_rows_are_chosen_by_task_and_place() -> None:
    derived = evaluation_metrics("classification").keys() - computed_metrics("classification").keys()
    assert derived == {"top1_error", "top5_error"}
    assert evaluation_metrics("detection") == computed_metrics("detection")
    assert {"train_loss", "test_score"} <= metrics_shown(Shown.RUNS).keys() - study_metrics().keys()
    assert "parameters" not in metrics_shown(Shown.RUNS | Shown.FEW)


def test_values_become_text_by_their_unit() -> None:
    assert METRICS["top1"].text(0.975) == "97.50 %" == percent(0.975)
    assert METRICS["loss"].text(0.12345) == "0.1235 nats" and METRICS["loss"].cell(0.12345) == "0.1235"
    assert METRICS["kappa"].text(-0.5) == "-0.5000"
    assert METRICS["peak_memory"].text(3e6) == "3 MB" and METRICS["parameters"].text(12_345) == "12,345"
    assert METRICS["top1"].text(None) == METRICS["loss"].cell(math.nan) == percent(math.nan) == "–"


@pytest.mark.parametrize(("key", "word"), [("top1", "top-1"), ("ece", "ECE"), ("map", "mAP"), ("f1_of_means",
                                           "F1 of means"), ("map_small", "small"), ("mcc", "MCC")])
def test_headings_within_a_sentence_are_small_unless_they_are_names(key: str, word: str) -> None:
    assert METRICS[key].word == word
