"""A dashboard of its own on a free port, and a Chromium that talks to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.driving import chromium_arguments, serve


@pytest.fixture
def dashboard(home: Path) -> Iterator[str]:
    """The address of a running dashboard on this home; its processes are gone afterwards."""
    with serve(home) as address:
        yield address


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on an empty home, which a module's tests share: they must leave it as it is."""
    with serve(tmp_path_factory.mktemp("untouched")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(**chromium_arguments())
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    opened.set_default_timeout(60_000)
    expect.set_options(timeout=30_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    opened.close()
    assert not errors, errors
