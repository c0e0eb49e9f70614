"""What was chosen on a page stands in the address, survives a reload, and is left by one press of Back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store import Store
from engine.study.document import study_of
from engine.study.versions import Studies
from tests.browser.driving import choose
from tests.fake_runs import add_run

pytestmark = pytest.mark.browser


@pytest.fixture
def filled(home: Path, dashboard: str) -> str:
    """The address of a dashboard with three runs and a study."""
    store = Store.open()
    for lr in ("0.1", "0.01", "0.001"):
        add_run(store, name=f"lr {lr}", lr=lr)
    Studies(store).save(study_of({"name": "asked", "factors": {"augmentation": ["default", "weak"]},
                                  "settings": {"dataset": "Digits"}}))
    return dashboard


def chosen(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()


def test_data_and_study_keep_what_was_chosen(filled: str, page: Page) -> None:
    page.goto(f"{filled}/data")
    chosen(page, "Test")
    choose(page, "data_view", "3")
    page.wait_for_url(f"{filled}/data?split=Test&class=3")
    page.reload()
    expect(page.get_by_role("radio", name="Test", exact=True)).to_be_checked()
    chosen(page, "Parts")
    page.locator(".st-key-parts_train_fraction input").fill("0.5")
    page.wait_for_url(f"{filled}/data?view=Parts&train_fraction=0.5")
    page.reload()
    expect(page.locator(".st-key-parts_train_fraction input")).to_have_value("0.5")

    page.get_by_test_id("stTopNav").get_by_role("link", name="Study").click()
    page.wait_for_url(f"{filled}/study?study=asked")
    chosen(page, "Tables")
    page.wait_for_url(re.compile(r"/study\?study=asked&view=Tables$"))
    page.reload()
    expect(page.get_by_role("radio", name="Tables")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    expect(page.locator(".st-key-parts_train_fraction input")).to_have_value("0.5")


def test_compare_and_results_keep_what_was_chosen(filled: str, page: Page) -> None:
    page.goto(f"{filled}/results?run=1")
    chosen(page, "equal mass")
    page.wait_for_url(f"{filled}/results?run=1&bins=equal+mass")
    page.get_by_test_id("stTopNav").get_by_role("link", name="Compare").click()
    page.wait_for_url(re.compile(r"/compare\?run=3%2C2"))
    page.get_by_role("radio", name=re.compile("Both wrong")).click()
    page.get_by_text("Swap the runs").click()
    page.wait_for_url(re.compile("swapped=yes"))
    page.reload()
    expect(page.get_by_role("radio", name=re.compile("Both wrong"))).to_be_checked()
    expect(page.locator(".st-key-errors_swapped input")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("radio", name="equal mass")).to_be_checked()


def test_ranges_of_parallel_axes_survive_a_reload(filled: str, page: Page) -> None:
    page.goto(f"{filled}/runs?runs_view=Parallel&keep_lr=0.001,0.05")
    expect(page.get_by_text("2 runs in colour, of 3")).to_be_visible()
    page.get_by_test_id("stPopover").filter(has_text="Keep").get_by_role("button").click()
    page.locator('[data-testid="stSlider"] input[type="range"], [role="slider"]').nth(1).press("End")
    expect(page.get_by_text("3 runs in colour, of 3")).to_be_visible()
    page.wait_for_url(f"{filled}/runs?runs_view=Parallel")


@pytest.mark.parametrize(("address", "said"), [
    ("data?view=Nowhere", "view=Nowhere in the address cannot be chosen here"),
    ("study?study=nobody", "There is no study nobody"), ("live?run=abc", "Run abc was deleted or cannot be shown"),
    ("nowhere", "Page not found")])
def test_an_unknown_address_says_so(filled: str, page: Page, address: str, said: str) -> None:
    page.goto(f"{filled}/{address}")
    expect(page.get_by_text(said).first).to_be_visible()
