"""The main job as a person does it: launch Digits, watch it learn, read its result, look at what it confused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store import Recorder, Store
from tests.browser.driving import click_cell, serve, until_script
from tests.fake_runs import WRONG, add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAMP = "element => Number(element.dataset.stamp)"
CONFUSION = "[class*=st-key-confusion_] .chart[data-stamp]"
LOSS = ".chart[data-stamp] >> nth=0"
# The chart's visible range and its hidden lines, as the person has left them.
VIEW = "chart => JSON.stringify([chart.view.state.zoom, [...chart.view.state.hidden]])"


def _pictures(page: Page) -> list[tuple[str, str]]:
    return [(figure.get_attribute("data-true") or "", figure.get_attribute("data-predicted") or "")
            for figure in page.locator(".dr-gallery figure").all()]


def test_launch_watch_and_read_the_result(dashboard: str, page: Page, home: Path) -> None:
    page.goto(dashboard)
    page.locator(".st-key-launch_epochs input").fill("30")
    page.locator(".st-key-launch_name input").fill("my first")
    page.locator(".st-key-launch_name input").press("Enter")
    expect(page.locator(".st-key-launch_aside")).to_contain_text("--epochs 30 --name")
    page.locator(".st-key-launch_button button").click()

    page.wait_for_url(re.compile("/live"))
    expect(page.locator(".dr-run")).to_contain_text("my first")
    page.wait_for_selector('.chart[data-stamp]:not([data-stamp="0"])')
    first = page.locator(LOSS).evaluate(STAMP)
    until_script(page, f"Number(document.querySelector('.chart[data-stamp]').dataset.stamp) > {first + 50}")
    expect(page.locator(".dr-run")).to_contain_text("running")

    expect(page.locator(".dr-is-finished")).to_be_visible(timeout=240_000)
    run = Store.open().runs.find("my first")
    assert run.test_accuracy is not None
    assert run.test_accuracy > 0.9
    page.locator(f".st-key-grid_on_{run.id} button:visible").click()

    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{100 * run.test_accuracy:.2f} %")
    page.wait_for_selector(".chart[data-stamp]")
    wrong = _pictures(page)
    assert len(wrong) == round((1 - run.test_accuracy) * 360)
    assert all(true != predicted for true, predicted in wrong)


def test_clicking_a_cell_shows_exactly_those_pictures(dashboard: str, page: Page, home: Path) -> None:
    run = add_run(Store.open())
    page.goto(f"{dashboard}/results?run={run.id}")
    page.wait_for_selector(CONFUSION)
    (true, predicted), count = next(iter(WRONG.items()))
    click_cell(page, CONFUSION, true, predicted)
    expect(page.get_by_text(f"{true} classified as {predicted} · {count}")).to_be_visible()
    assert _pictures(page) == [(str(true), str(predicted))] * count

    click_cell(page, CONFUSION, 0, 0)
    expect(page.get_by_text("0, correct · 36")).to_be_visible()
    assert set(_pictures(page)) == {("0", "0")}

    table = page.locator(".stDataFrame").first
    table.click(position={"x": 14, "y": 36 + 33 + 16})
    expect(page.get_by_text("3 classified as 5 · 1")).to_be_visible()
    assert _pictures(page) == [("3", "5")]
    size = page.locator(".dr-gallery img").evaluate(
        "image => [image.naturalWidth, image.width > 80, getComputedStyle(image).imageRendering]")
    assert size == [8, True, "pixelated"]


def test_zoom_and_hidden_lines_survive_refreshes(dashboard: str, page: Page, home: Path) -> None:
    store = Store.open()
    runs = [add_run(store, "paused", epochs=4), add_run(store, "paused", epochs=4)]
    add_run(store)
    page.goto(f"{dashboard}/live?run={runs[0].id},{runs[1].id}")
    chart = page.locator(LOSS)
    chart.locator(".legend button").nth(1).click()
    until_script(page, "document.querySelector('.chart').view.state.hidden.size === 1")
    box = chart.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()
    until_script(page, "document.querySelector('.chart').view.state.zoom?.x[0] > 1")
    before = chart.evaluate(VIEW)

    draws = chart.evaluate("element => Number(element.dataset.draws)")
    _record_one_more_epoch(store, runs[0].id)
    until_script(page, f"Number(document.querySelector('.chart').dataset.draws) > {draws}")
    assert chart.evaluate(VIEW) == before


def test_a_reload_shows_the_same_runs(dashboard: str, page: Page, home: Path) -> None:
    store = Store.open()
    first, _, third = (add_run(store, name=name) for name in ("one", "two", "three"))
    page.goto(f"{dashboard}/live?run={third.id},{first.id}")
    for _ in range(2):
        expect(page.locator(".dr-run .dr-name")).to_have_text(["three", "one"])
        page.reload()


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that shows two runs."""
    home = tmp_path_factory.mktemp("two_runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(home))
        store = Store.open()
        add_run(store, lr=0.1, name="a_rather_long_name_for_a_run_that_somebody_gave_it_" + "x" * 60)
        add_run(store, lr=0.2)
    with serve(home) as address:
        yield address


@pytest.mark.parametrize("width", [1440, 800])
@pytest.mark.parametrize("name", ["", "live", "runs", "compare", "study", "results", "fit"])
def test_no_page_is_wider_than_the_window(two_runs: str, page: Page, width: int, name: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{two_runs}/{name}?run=1,2")
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(1500)
    assert page.locator(".stAlert").count() == 0
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width


def _record_one_more_epoch(store: Store, run_id: int) -> None:
    run = store.runs.get(run_id)
    with Recorder(store, run_id, run.attempt) as recorder:
        recorder.log(run.step + 5, {"loss": 0.1, "val_loss": 0.2}, run.epoch + 1)
