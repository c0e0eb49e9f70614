"""The controls of curves in a browser: what is chosen is drawn, stands in the address, and survives a reload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.store import Recorder, Store
from tests.browser.driving import serve, until_script
from tests.fake_runs import add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLOT = "document.querySelector('.chart[data-stamp]')?.view"
NAMES = f"{PLOT}.plot.entries.map(entry => entry.name)"


@pytest.fixture(scope="module")
def four_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with two learning rates of two seeds; the loss of the first run has a spike."""
    home = tmp_path_factory.mktemp("four_runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DARKROOM_HOME", str(home))
        store = Store.open()
        runs = [add_run(store, "paused", epochs=60, lr=lr, seed=seed) for lr in (0.1, 0.2) for seed in (1, 2)]
        with Recorder(store, runs[0].id, 1) as recorder:
            recorder.log(2, {"loss": 94_000.0}, 1)
    with serve(home) as address:
        yield address


def _open(page: Page, address: str, query: str) -> Locator:
    page.goto(f"{address}/{query}")
    until_script(page, f"{PLOT}?.plot.lines.length > 0")
    return page.locator(".chart").first


def test_what_is_chosen_stands_in_the_address_and_survives_a_reload(four_runs: str, page: Page) -> None:
    _open(page, four_runs, "compare?run=1,2,3,4&charts=Loss")
    assert page.evaluate(NAMES) == [f"learning rate {lr} · seed {seed}" for lr in (0.1, 0.2) for seed in (1, 2)]
    page.locator(".st-key-group input").first.click()
    page.get_by_role("option", name="Learning rate", exact=True).click()
    page.keyboard.press("Escape")
    until_script(page, f"{PLOT}.plot.lines.some(line => line.n)")
    page.get_by_role("button", name="More").click()
    page.get_by_text("Logarithmic values").click()
    until_script(page, f"{PLOT}.plot.log_y")
    page.keyboard.press("Escape")
    page.get_by_text("Images seen", exact=True).click()
    until_script(page, f"{PLOT}.plot.x_title === 'images seen'")
    chosen = {key: parse_qs(urlparse(page.url).query)[key] for key in ("against", "group", "logy", "charts")}
    assert chosen == {"against": ["Images seen"], "group": ["Learning rate"], "logy": ["yes"], "charts": ["Loss"]}
    page.reload()
    until_script(page, f"{PLOT}?.plot.x_title === 'images seen' && {PLOT}.plot.log_y")
    assert page.evaluate(NAMES) == ["learning rate 0.1 (2)", "learning rate 0.2 (2)"]


@pytest.mark.parametrize("name", ["live", "compare", "run"])
def test_a_spike_hides_nothing_and_is_told(four_runs: str, page: Page, name: str) -> None:
    chart = _open(page, four_runs, f"{name}?run={1 if name == 'run' else '1,2'}&charts=Loss")
    expect(chart.locator(".outside")).to_contain_text("1 of ")
    assert page.evaluate(f"{PLOT}.scales.y.high") < 10
    chart.locator(".outside").click()
    until_script(page, f"{PLOT}.scales.y.high > 90_000")


def test_the_pointer_reads_whole_epochs_and_a_drag_zooms(four_runs: str, page: Page) -> None:
    chart = _open(page, four_runs, "compare?run=1,3&charts=Loss")
    box = chart.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.51234 * box["width"], box["y"] + 100)
    heading = chart.locator(".tip > b")
    expect(heading).to_be_visible()
    assert heading.inner_text().removeprefix("epoch ").isdecimal()
    expect(chart.locator(".tip > div")).to_have_count(4)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 104, steps=4)
    page.mouse.up()
    until_script(page, f"{PLOT}.scales.x.low > 20")
    chart.locator("canvas").dblclick()
    until_script(page, f"{PLOT}.scales.x.low === 0")


def test_the_pointer_reads_shares_with_two_digits(four_runs: str, page: Page) -> None:
    chart = _open(page, four_runs, "compare?run=1,3&charts=Accuracy")
    box = chart.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 100)
    expect(chart.locator(".tip em").first).to_have_text(re.compile(r"^\d+\.\d\d %$"))


def test_a_curve_is_downloaded(four_runs: str, page: Page, tmp_path: Path) -> None:
    chart = _open(page, four_runs, "compare?run=1,3&charts=Loss&group=Learning+rate")
    begins = {"PNG": b"\x89PNG", "SVG": b"<svg xmlns", "CSV of these curves": b"run,name,metric,step,epoch,images seen"}
    for name, start in begins.items():
        if "CSV" in name:
            page.get_by_role("button", name="More").click()
        button = page.get_by_role("button", name=name) if "CSV" in name else chart.get_by_text(name, exact=True)
        with page.expect_download() as download:
            button.click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
    assert content.count(b",loss,") == 600
