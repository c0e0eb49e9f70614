"""Dark, light, or as the system: chosen in the header, followed at once by charts too, and kept by the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.store import Store
from tests.browser.driving import until_script
from tests.fake_runs import add_run

pytestmark = pytest.mark.browser

DARK, LIGHT = "rgb(23, 21, 19)", "rgb(253, 252, 250)"
PAGE = "wanted => getComputedStyle(document.querySelector('.stApp')).backgroundColor === wanted"
CHART = "wanted => document.querySelector('.chart .main-svg')?.style.background === wanted"


def test_the_switch_is_followed_at_once_and_kept(dashboard: str, browser: Browser, home: Path) -> None:
    add_run(Store.open())
    context = browser.new_context(color_scheme="light", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{dashboard}/results?run=1")
    until_script(page, PAGE, LIGHT)
    until_script(page, CHART, LIGHT)
    light = page.evaluate("document.querySelector('.chart').data[0].colorscale[0][1]")
    page.get_by_role("radio", name="Dark", exact=True).click()
    until_script(page, PAGE, DARK)
    until_script(page, CHART, DARK)
    until_script(page, "light => document.querySelector('.chart').data[0].colorscale[0][1] !== light", light)

    page.goto(f"{dashboard}/fit")
    page.wait_for_selector(".stApp")
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    until_script(page, PAGE, DARK)
    page.get_by_role("radio", name="As the system").click()
    until_script(page, PAGE, LIGHT)
    page.emulate_media(color_scheme="dark")
    until_script(page, PAGE, DARK)
    expect(page.get_by_role("radio", name="As the system")).to_be_checked()
    context.close()
