"""Starting a dashboard, finding a Chromium, and what a person's hand does on a page."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

from engine.home import ROOT
from tests.waiting import until

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")


def chromium_arguments() -> dict[str, Any]:
    """What to launch Playwright's Chromium with: an installed one where there is one, else its own."""
    installed = os.environ.get("DARKROOM_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return {"args": list(_QUIET)} | ({"executable_path": installed} if installed else {})


@contextlib.contextmanager
def serve(home: Path, script: Path = ROOT / "app" / "streamlit_app.py", host: str = "127.0.0.1",
          arguments: tuple[str, ...] = (), port: int | None = None) -> Iterator[str]:
    """A dashboard on a free port with this home; on leaving it and everything it started on this home are ended."""
    port = port or free_port()
    address = f"http://{host}:{port}"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port),
               "--server.headless", "true", *arguments]
    log = (home / "server.log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                              env={**os.environ, "DARKROOM_HOME": str(home)})
    try:
        until(lambda: _healthy(address), seconds=60)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()
        _end_processes_of(home)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _healthy(address: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).status == 200)
    return False


def _end_processes_of(home: Path) -> None:
    """The dispatcher, the warm process and trainers outlive the dashboard by design; a test's must not."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("DARKROOM_HOME") == str(home):
                process.kill()


def until_script(page: Page, script: str, arg: Any = None, seconds: float = 60) -> None:
    """Wait until a script's value is true. Playwright's way evaluates texts in the page, which its policy forbids."""
    until(lambda: page.evaluate(script, arg), seconds=seconds)


def choose(page: Page, key: str, option: str) -> None:
    """Choose an option of the select box with this key."""
    page.locator(f".st-key-{key} input").first.click()
    page.get_by_role("option", name=option, exact=True).click()


def click_cell(page: Page, chart: str, row: int, column: int) -> None:
    """Click the middle of a cell of the matrix that this selector finds."""
    x, y = page.locator(chart).evaluate(
        """(chart, [row, column]) => {
            chart.scrollIntoView({block: 'center'});
            const {xaxis, yaxis} = chart._fullLayout, box = chart.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.d2p(column), box.y + yaxis._offset + yaxis.d2p(row)];
        }""", [row, column])
    page.mouse.move(x, y)
    page.mouse.click(x, y)
