"""Looking at a data set as a person does: its classes, its parts, its duplicates, and a mixed batch."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driving import choose, until_script

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "Array.from(document.querySelectorAll('.dr-gallery figure > img'), picture => picture.src).join()"


def test_look_at_digits_and_at_what_the_network_sees_of_them(dashboard: str, page: Page) -> None:
    page.goto(f"{dashboard}/data?dataset=Digits")
    expect(page.locator(".dr-class")).to_have_count(10)
    first = page.locator(".dr-strip img").first
    before = first.get_attribute("src")
    page.locator(".st-key-sheet_shuffle button:visible").click()
    expect(first).not_to_have_attribute("src", before or "")

    page.get_by_role("radio", name="Parts").click()
    page.wait_for_selector('.chart[data-stamp="parts"]')
    page.locator(".st-key-parts_train_fraction input").fill("0.5")
    expect(page.locator(".st-key-parts_asked")).to_contain_text("Left out")
    expect(page.locator(".st-key-data_view")).to_contain_text("No picture is in two splits")

    page.get_by_role("radio", name="Duplicates").click()
    expect(page.locator(".st-key-data_view")).to_contain_text("No exact duplicates among 1,797 pictures")

    page.get_by_role("radio", name="What the network sees").click()
    expect(page.locator(".dr-gallery figure")).to_have_count(48, timeout=120_000)
    choose(page, "seen_mixing", "cutmix")
    expect(page.locator(".dr-shares").first).to_be_visible(timeout=120_000)
    unlike = page.evaluate(SHOWN)
    page.locator(".st-key-icon_seen_next button:visible").click()
    until_script(page, f"before => {SHOWN} !== before && {SHOWN} !== ''", arg=unlike, seconds=120)
    assert "view=What" in page.url

    page.locator(".st-key-seen_use button:visible").click()
    expect(page.locator(".st-key-launch_aside")).to_contain_text("--mixing cutmix")
