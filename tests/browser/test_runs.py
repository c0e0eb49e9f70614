"""The table of runs in a browser: ticked rows stay while runs change, and a name leads to its run's page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store import Store
from tests.fake_runs import add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_HEADER, _ROW = 36, 33
"""Heights in pixels: the table is drawn on a canvas."""


def _click(page: Page, row: int, x: float) -> None:
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    table.click(position={"x": x, "y": _HEADER + _ROW * row + _ROW / 2})


def test_changes_are_told_while_a_row_is_ticked_and_a_name_opens_the_run(dashboard: str, page: Page,
                                                                         home: Path) -> None:
    store = Store.open()
    first, second = add_run(store, name="first"), add_run(store, name="second")
    page.goto(f"{dashboard}/runs")
    _click(page, 1, 16)
    expect(page.get_by_text("1 of 2 selected")).to_be_visible()
    store.runs.set_notes(second.id, "seen elsewhere")
    add_run(store, name="third")
    page.get_by_role("button", name="2 changes").click()
    expect(page.get_by_text("1 of 3 selected")).to_be_visible()
    _click(page, 2, 250)
    expect(page).to_have_url(re.compile(rf"/run\?run={first.id}$"))
    expect(page.locator(".dr-name").first).to_have_text("first")
