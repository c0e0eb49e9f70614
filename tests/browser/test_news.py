"""What a tab tells of runs: each once, on any page, also after a reload, in its title, and on the desktop if asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.store import Run, Store, Sure
from tests.browser.driving import until_script
from tests.fake_runs import add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
_DESKTOP = """() => {
    window.shown = [];
    window.Notification = class {
        static permission = "default";
        static async requestPermission() { return (this.permission = window.answer ?? "granted"); }
        constructor(title, options) { window.shown.push([title, options.tag]); }
    };
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(60_000)
    expect.set_options(timeout=30_000)
    yield opened
    opened.close()


def running(name: str) -> Run:
    """A run that no process trains, and nobody misses: it runs elsewhere."""
    store = Store.open()
    run = add_run(store, "running", epochs=1, name=name)
    keep_alive(run)
    return run


def keep_alive(run: Run) -> None:
    Store.open().runs.update(run.id, heartbeat_at=time.time(), handle={"launcher": "elsewhere", "job": "1"})


def end(run: Run, status: str, **columns: str) -> None:
    Store.open().runs.update(run.id, status=status, ended_at=time.time(), **columns)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".dr-bell")).to_be_visible()
    page.locator(".pulse").first.wait_for(state="attached")


def test_each_tab_tells_once_whatever_page_it_shows_and_however_often_it_is_reloaded(
        dashboard: str, context: BrowserContext) -> None:
    old, run, other = (running(name) for name in ("old", "first", "second"))
    end(old, "finished")
    data, compare = context.new_page(), context.new_page()
    opened(data, f"{dashboard}/data")
    opened(compare, f"{dashboard}/fit")
    end(run, "failed", error="killed by signal 9")
    for page in (data, compare):
        expect(page.locator(".dr-toast")).to_have_count(1)
        expect(page.locator(".dr-toast")).to_contain_text("first failed")
        expect(page.locator(".dr-toast")).to_contain_text("Killed by signal 9")
    data.locator(".dr-toast button").click()
    opened(data, f"{dashboard}/runs")
    data.reload()
    expect(data.locator(".stDataFrame")).to_be_visible()
    Store.open().sure.put(Sure(other.id, "learns-nothing", 6, "validation accuracy is at chance"))
    expect(data.locator(".dr-toast")).to_have_count(1)
    expect(data.locator(".dr-toast")).to_contain_text("second: learns nothing, the doctor is sure")
    data.locator(".dr-toast a").click()
    expect(data).to_have_url(f"{dashboard}/run?run={other.id}")
    expect(data.locator(".dr-toast")).to_have_count(0)


def test_an_idle_page_looks_when_a_person_comes_back_to_it(dashboard: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{dashboard}/fit")
    expect(page.locator(".news")).to_be_attached()
    run = running("from a terminal")
    end(run, "finished")
    toast = page.locator(".dr-toast")
    for _ in range(20):  # the page listens a moment after its element is there
        page.evaluate("dispatchEvent(new Event('focus'))")
        with suppress(AssertionError):
            expect(toast).to_be_visible(timeout=3000)
            break
    expect(toast).to_contain_text("from a terminal finished")


def test_a_hidden_tab_tells_the_desktop_and_says_so_in_its_title_once_a_person_has_asked_for_it(
        dashboard: str, context: BrowserContext) -> None:
    run, _ = running("first"), running("second")
    page = context.new_page()
    page.add_init_script(f"({_DESKTOP})()")
    opened(page, f"{dashboard}/data")
    assert page.evaluate("Notification.permission") == "default", "nobody was asked"
    page.get_by_role("switch", name="Desktop notifications").click()
    expect(page.get_by_role("switch", name="Desktop notifications")).to_have_attribute("aria-checked", "true")
    page.evaluate(_HIDE, True)
    end(run, "finished")
    until_script(page, "window.shown.length === 1")
    assert page.evaluate("window.shown[0]") == ["first finished", f"ended:{run.id}:1"]
    assert page.title().startswith("first finished · ")
    page.evaluate(_HIDE, False)
    assert "first" not in page.title() and page.title().endswith("Data · Darkroom")


def test_a_browser_that_denies_is_told_from_one_that_cannot(dashboard: str, context: BrowserContext,
                                                            home: Path) -> None:
    add_run(Store.open(), "stopped")
    page = context.new_page()
    page.add_init_script(f"({_DESKTOP})(); window.answer = 'denied'")
    opened(page, f"{dashboard}/live")
    bell = page.get_by_role("switch", name="Desktop notifications")
    bell.click()
    expect(page.locator(".dr-toast")).to_contain_text("The browser denies them for this page")
    expect(bell).to_have_attribute("aria-checked", "false")
    page.locator(".dr-toast button").click()
    page.evaluate("delete window.Notification")
    bell.click()
    expect(page.locator(".dr-toast")).to_contain_text("only for localhost and for https")
