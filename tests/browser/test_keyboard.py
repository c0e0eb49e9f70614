"""The pages without a mouse: what a screen reader is told, shortcuts, the way back, pictures opened large."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.store import Store
from tests.browser.driving import until_script
from tests.fake_runs import add_run

pytestmark = pytest.mark.browser

PAGES = ("", "data", "fit", "live?run=1", "runs", "run?run=1", "compare?run=1,2", "study", "results?run=1",
         "try_image?run=1")
CALM = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
SERIOUS = """axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`))"""
TO_LAUNCH = 15
_TRIES = 6


@pytest.fixture
def runs(home: Path) -> list[int]:
    store = Store.open()
    return [add_run(store, name=name).id for name in ("first", "second")]


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1").first).to_be_visible()
    until_script(page, CALM)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault(runs: list[int], dashboard: str, page: Page, scheme: Any) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    page.emulate_media(color_scheme=scheme)
    session = page.context.new_cdp_session(page)
    found = {}
    for name in PAGES:
        opened(page, f"{dashboard}/{name}")
        session.send("Runtime.evaluate", {"expression": axe})
        for _ in range(_TRIES):
            if not (faults := page.evaluate(SERIOUS)):
                break
            page.wait_for_timeout(500)  # what fades in is too pale for a moment
        found[name] = faults
    assert not any(found.values()), {name: faults for name, faults in found.items() if faults}


def test_the_button_is_a_few_tabs_away_and_help_is_no_stop(dashboard: str, page: Page) -> None:
    opened(page, dashboard)
    expect(page.locator(".st-key-launch_button button")).to_be_visible()
    until_script(page, "!document.querySelector('button[aria-label^=Help]:not([tabindex=\"-1\"])')")
    for _ in range(TO_LAUNCH):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('.st-key-launch_button'))"):
            return
    pytest.fail(f"Launch is more than {TO_LAUNCH} tabs away")


def test_letters_go_to_pages_move_in_the_table_and_tick_its_rows(runs: list[int], dashboard: str, page: Page) -> None:
    opened(page, dashboard)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_contain_text("Tick the row")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    page.wait_for_selector('[data-testid="stDataFrame"] canvas')
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("1 of 2 selected")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("g r")
    expect(page.get_by_placeholder("Search").first).to_have_value("g r")


def test_one_press_of_back_leaves_a_page(runs: list[int], dashboard: str, page: Page) -> None:
    opened(page, f"{dashboard}/fit")
    opened(page, f"{dashboard}/results?run=2")
    page.get_by_role("button", name="Curves").click()
    expect(page.get_by_role("heading", name="Live", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    assert page.url == f"{dashboard}/results?run=2"
    page.go_back()
    expect(page.get_by_role("heading", name="Fit", exact=True)).to_be_visible()


def test_the_form_is_kept_over_a_reload(dashboard: str, page: Page) -> None:
    opened(page, dashboard)
    page.get_by_role("textbox", name="Epochs").fill("7")
    page.keyboard.press("Tab")
    expect(page).to_have_url(f"{dashboard}/?epochs=7")
    expect(page.locator(".st-key-changed_epochs")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Epochs")).to_have_value("7")


def test_a_picture_opens_large_and_the_arrows_show_its_neighbours(runs: list[int], dashboard: str, page: Page) -> None:
    opened(page, f"{dashboard}/results?run=1")
    page.locator(".dr-gallery figure").first.click()
    large = page.get_by_role("dialog", name="Picture")
    expect(large).to_contain_text("1 of 4")
    page.keyboard.press("ArrowLeft")
    expect(large).to_contain_text("4 of 4")
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
