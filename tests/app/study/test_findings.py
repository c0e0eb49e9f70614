"""What was found, as it is shown: the same of several runs in one line, what matters first."""

from __future__ import annotations

from pathlib import Path

from app.study.findings import groups, reasons
from engine.analysis.doctor import Finding
from engine.store import Run, Store
from engine.store.store import Acknowledgement
from tests.fake_runs import add_run


def test_the_same_of_several_runs_is_one_line_and_what_matters_is_first(home: object) -> None:
    store = Store.open()
    runs = [add_run(store, "stopped") for _ in range(3)]
    first, second, third = (run.id for run in runs)
    found = [Finding(first, "gap", "a gap", False), Finding(first, "chance", "at chance", True),
             Finding(second, "chance", "at chance", True), Finding(third, "chance", "at chance", True),
             Finding(None, "whole", "of the study", False)]
    made = groups(found, runs, [Acknowledgement(third, "chance", "meant to be", 0.0)])
    assert [(group.rule, [run.id for run in group.runs], group.notes) for group in made] == [
        ("chance", [first, second], None), ("gap", [first], None), ("chance", [third], ("meant to be",))]


def test_findings_that_differ_in_figures_are_one_line_with_those_of_the_first(home: object) -> None:
    store = Store.open()
    runs = [add_run(store, "stopped") for _ in range(3)]
    texts = ["407 of 10,000 test pictures leak: 58.0 % on all, 57.6 % without",
             "3 of 100 test pictures leak: 9 % on all, 8.5 % without", "at chance"]
    found = [Finding(run.id, "leaks", text, False) for run, text in zip(runs, texts, strict=True)]
    assert [(group.message, len(group.runs)) for group in groups(found, runs, [])] == [
        (f"{texts[0]} (figures of #{runs[0].id})", 2), ("at chance", 1)]


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
