"""On a phone and on a tablet everything is in reach: nothing scrolls sideways, and nothing is squeezed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.store import Store
from tests.fake_detections import add_detection_run
from tests.fake_runs import add_run

pytestmark = pytest.mark.browser

PHONE, TABLET = {"width": 390, "height": 844}, {"width": 800, "height": 1000}


def width_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["width"]


def test_cards_filters_and_buttons_of_runs_use_a_phones_width(dashboard: str, page: Page) -> None:
    run = add_run(Store.open(), name="a_run_with_a_rather_long_name")
    page.set_viewport_size(PHONE)
    page.goto(f"{dashboard}/live?run={run.id}")
    expect(page.locator(f".st-key-card_{run.id} .dr-figures")).to_be_visible()
    assert width_of(page, f".st-key-card_{run.id} .dr-figures") > 280
    page.goto(f"{dashboard}/runs")
    expect(page.locator(".st-key-filters")).to_be_visible()
    for row in ("toolbar", "filters"):
        sideways = page.locator(f".st-key-{row}").evaluate("row => row.scrollWidth - row.clientWidth")
        assert sideways <= 1, row
    expect(page.get_by_role("button", name="Watch")).to_be_hidden()


def test_a_narrow_chart_puts_its_names_below_and_keeps_its_width(dashboard: str, page: Page) -> None:
    run = add_detection_run(Store.open())
    page.set_viewport_size(PHONE)
    page.goto(f"{dashboard}/results?run={run.id}")
    chart = page.locator(f".st-key-box_pr_{run.id} .js-plotly-plot")
    chart.locator(".legend").wait_for(timeout=60_000)
    width, below = chart.evaluate("""chart => {
        const {xaxis, yaxis} = chart._fullLayout, top = chart.getBoundingClientRect().top;
        const legend = chart.querySelector('.legend').getBoundingClientRect();
        return [xaxis._length, legend.top - top - yaxis._offset - yaxis._length]; }""")
    assert width > 200 and below > 0


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_the_launch_button_is_in_reach(dashboard: str, page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)
    page.goto(dashboard)
    expect(page.locator(".st-key-launch_button button")).to_be_in_viewport()
