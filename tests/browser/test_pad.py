"""Pasting a picture on the Try page: it is shown on the pad and told to the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.store import Store
from tests.browser.driving import until_script
from tests.fake_runs import add_checkpoint, add_run

pytestmark = pytest.mark.browser

PASTE = """async () => {
    const sheet = Object.assign(document.createElement('canvas'), {width: 40, height: 20});
    sheet.getContext('2d').fillStyle = '#0f0';
    sheet.getContext('2d').fillRect(0, 0, 40, 20);
    const blob = await new Promise((done) => sheet.toBlob(done, 'image/png'));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([blob], 'image.png', {type: 'image/png'}));
    document.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
}"""
PIXEL = """([x, y]) => document.querySelector('.pad canvas').getContext('2d').getImageData(x, y, 1, 1).data[0]"""


def test_a_pasted_picture_is_seen_on_the_pad(dashboard: str, page: Page, home: Path) -> None:
    add_checkpoint(add_run(Store.open()))
    page.goto(f"{dashboard}/try_image?run=1&from=Draw or paste")
    expect(page.locator(".pad canvas")).to_be_visible()
    page.evaluate(PASTE)
    until_script(page, f"({PIXEL})([140, 140]) === 0 && ({PIXEL})([140, 20]) === 255")
