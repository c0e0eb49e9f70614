"""The tab's title, and addresses that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kit.tab import tab_title
from engine.store import Store
from tests.app_tests import assert_calm, open_page, shown
from tests.fake_runs import add_run


def test_a_tab_is_named_by_progress_run_page_and_product(home: Path) -> None:
    store = Store.open()
    done, live = add_run(store, name="done"), add_run(store, "running", name="live", epochs=1)
    assert tab_title("Runs", [], [done]) == "Runs · Darkroom"
    assert tab_title("Results", [done], [done]) == "done · Results · Darkroom"
    assert tab_title("Compare", [done, live], [done]) == "Compare · Darkroom"
    assert tab_title("Live", [live], [done, live]).endswith(" % · live · Live · Darkroom")


@pytest.mark.parametrize(("asked", "told"), [("abc", "Run abc was"), ("999", "Run 999 was"), ("1,x", "Run x was")])
def test_what_an_address_names_in_vain_is_said(home: Path, asked: str, told: str) -> None:
    add_run(Store.open(), name="here")
    page = open_page("live", run=asked)
    assert_calm(page)
    assert told in shown(page)
