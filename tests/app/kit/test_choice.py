"""An address that names runs which are gone says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run


@pytest.mark.parametrize("page", ["live", "compare", "results"])
def test_missing_runs_are_named_and_the_others_shown(page: str, home: Path) -> None:
    store = Store.open()
    run = add_run(store, name="here")
    add_run(store, name="there")
    opened = open_page(page, run=f"999,{run.id}")
    assert_calm(opened)
    assert "Run 999 was deleted" in shown(opened)
    assert "deleted" not in shown(open_page(page, run=str(run.id)))


@pytest.mark.parametrize("page", ["live", "compare"])
def test_archived_runs_are_offered_only_where_the_address_names_them(page: str, home: Path) -> None:
    store = Store.open()
    first, _, old = (add_run(store, name=name) for name in ("first", "second", "old"))
    store.runs.archive(old.id)
    offered = open_page(page).multiselect(key=f"{page}_runs")
    assert len(offered.options) == 2 and old.id not in offered.value
    named = open_page(page, run=f"{old.id},{first.id}").multiselect(key=f"{page}_runs")
    assert len(named.options) == 3 and named.value == [old.id, first.id]
