"""Rows and addresses that nobody would make on purpose, on every page."""

from __future__ import annotations

import pytest

from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run

PAGES = ("launch", "live", "runs", "compare", "results")
NAME = "*a* $x$ :red[c] ]<i>"


@pytest.mark.parametrize("name", PAGES)
def test_failed_runs_without_metrics_and_with_markup_in_their_names(store: Store, name: str) -> None:
    for _ in range(2):
        run = add_run(store, "failed", epochs=0, name=NAME, notes=NAME)
        store.runs.update(run.id, error=f"ValueError: {NAME}", total_steps=0, parameters=None, device=None)
    page = open_page(name, run=f"{run.id},{run.id - 1}")
    assert_calm(page)
    assert "<i>" not in shown(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("address", ["999", "9" * 30, "9" * 5000, "-1", "1e3", "²", ",,a,1.0"])
def test_runs_that_do_not_exist_in_the_address(store: Store, name: str, address: str) -> None:
    add_run(store)
    assert_calm(open_page(name, run=address))


def test_markup_in_a_name_is_shown_as_it_is_before_deleting(store: Store) -> None:
    add_run(store, "failed", epochs=0, name="*a* :red[b]")
    page = open_page("runs")
    page.session_state["runs_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run().button(key="delete").click().run()
    assert "- \\*a\\* :\u2060red\\[b\\] #1" in shown(page)


def test_markup_in_a_mistake_does_not_break_out_of_its_colour(store: Store) -> None:
    page = open_page("launch")
    page.text_input(key="launch_epochs").set_value("4] $x$").run()
    mistakes = [line.value for line in page.markdown if "4" in line.value and line.value.startswith(":red")]
    assert len(mistakes) == 2
    assert all(r"4\] \$x\$" in mistake for mistake in mistakes)
