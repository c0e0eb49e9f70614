"""Evaluating every checkpoint from the results page, and going over the epochs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.config import parse_config
from engine.runner.main import train_run
from engine.store import Conditions, Store
from tests.engine.training.runs import CPU

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POINT = """chart => {
    chart.scrollIntoView({block: 'center'});
    const {xaxis, yaxis} = chart._fullLayout, box = chart.getBoundingClientRect();
    const {x, y} = chart._fullData.find(line => line.uid === 'test');
    return [box.x + xaxis._offset + xaxis.d2p(x[0]), box.y + yaxis._offset + yaxis.d2p(y[0])];
}"""


def test_all_checkpoints_are_evaluated_and_the_slider_and_the_curve_go_over_them(dashboard: str, page: Page,
                                                                                 home: Path) -> None:
    store = Store.open()
    config = parse_config(CPU | {"epochs": 4, "keep_checkpoints": "all", "lr": 0.05})
    run = store.runs.create(config, status="starting", environment={}, git_commit=None, git_dirty=False)
    assert train_run(run.id) == 0
    page.goto(f"{dashboard}/results?run={run.id}")
    expect(page.get_by_test_id("stMetricValue").first).to_be_visible()
    page.locator(".st-key-evaluate_panel button").first.click()
    page.get_by_text("All 4").click()
    expect(page.get_by_text("10 evaluations: 5 checkpoints")).to_be_visible()
    page.locator(".st-key-evaluate_start button").click()
    expect(page.get_by_text("Evaluating: ")).to_be_visible()
    expect(page.get_by_text("Over epochs")).to_be_visible(timeout=240_000)
    expect(page.get_by_text("Evaluating: ")).to_have_count(0)
    expect(page.get_by_role("slider")).to_be_visible()

    page.wait_for_selector(".chart[data-stamp] >> nth=2")
    x, y = page.locator(".chart[data-stamp]").first.evaluate(POINT)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    first = store.evaluations.find(run.id, Conditions("epoch-0001"))
    assert first is not None
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{100 * first.metrics['top1']:.2f} %")
    expect(page.locator(".dr-note").first).to_contain_text("epoch 1")
