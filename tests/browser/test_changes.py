"""What happens elsewhere reaches an open page, and disturbs nobody who is busy there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store import Recorder, Store
from tests.browser.driving import serve, until_script
from tests.fake_runs import add_checkpoint, add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_dialog_stays_open_while_another_run_trains(dashboard: str, page: Page, home: Path) -> None:
    store = Store.open()
    finished, other = add_run(store), add_run(store, "paused", epochs=1)
    add_checkpoint(finished)
    page.goto(f"{dashboard}/live?run={finished.id},{other.id}")
    page.locator(f".st-key-more_time_{finished.id} button:visible").click()
    field = page.get_by_role("dialog").get_by_role("spinbutton")
    field.fill("38")
    beats = "Number(document.querySelector('.pulse').dataset.beats)"
    with Recorder(store, other.id, other.attempt) as recorder:
        for step in range(other.step + 1, other.step + 9):
            before = page.evaluate(beats)
            recorder.log(step, {"loss": 0.5}, 2)
            until_script(page, f"{beats} > {before}")
    expect(field).to_have_value("38")
    field.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Queue").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert store.runs.get(finished.id).config["epochs"] == finished.epoch + 38


@pytest.mark.parametrize("name", ["live", "runs"])
def test_a_first_run_from_elsewhere_appears_on_an_empty_page(dashboard: str, page: Page, home: Path,
                                                             name: str) -> None:
    store = Store.open()
    page.goto(f"{dashboard}/{name}")
    expect(page.locator(".st-key-empty")).to_be_visible()
    page.locator(".pulse").wait_for(state="attached")
    add_run(store, "stopped", epochs=1, name="from a terminal")
    expect(page.locator(".st-key-empty")).to_have_count(0)
    expect(page.locator(".dr-name" if name == "live" else ".stDataFrame").first).to_be_visible()


def test_markup_is_read_as_it_was_typed(dashboard: str, page: Page, home: Path) -> None:
    page.goto(dashboard)
    for typed in ("*a* _b_ $x$ $y$ :red[c] ] :smile: :100:", "[d](e) a:b ~~f~~ <i> &amp; :material/add:"):
        page.locator(".st-key-launch_epochs input").fill(typed)
        mistake = page.locator(".st-key-section_training [data-testid=stMarkdown]").filter(has_text=typed[:3]).last
        expect(mistake).to_be_visible()
        assert typed in mistake.inner_text().replace("\u2060", "")


def test_two_dashboards_launch_on_one_home_and_both_show_both_runs(page: Page, home: Path) -> None:
    with serve(home) as first, serve(home) as second:
        for address, name in ((first, "one"), (second, "two")):
            page.goto(address)
            page.locator(".st-key-launch_epochs input").fill("1")
            page.locator(".st-key-launch_name input").fill(name)
            page.locator(".st-key-launch_name input").press("Enter")
            expect(page.locator(".st-key-launch_aside")).to_contain_text(f"--name {name}")
            page.locator(".st-key-launch_button button").click()
            page.wait_for_url(re.compile("/live"))
        for address in (first, second):
            page.goto(f"{address}/live?run=1,2")
            expect(page.locator(".dr-run .dr-name")).to_have_text(["one", "two"])
            expect(page.locator(".dr-run .dr-is-finished")).to_have_count(2, timeout=240_000)
