"""Pages of other sites, in a real browser, against a running dashboard."""

import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.driving import chromium_arguments, serve

pytestmark = pytest.mark.browser
ATTACK = """<!doctype html><title>evil</title><iframe id=frame src="TARGET/"></iframe><script>
async function attack() {
  const found = {};
  try { found.read = (await (await fetch("TARGET/darkroom/changes")).text()).length }
  catch (error) { found.read = "refused" }
  found.socket = await new Promise(done => {
    const socket = new WebSocket("TARGET/_stcore/stream".replace("http", "ws"));
    socket.onopen = () => done("open"); socket.onerror = () => done("refused"); });
  return found }
</script>"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def evil(tmp_path: Path, dashboard: str) -> Iterator[str]:
    """The address of another local server with the attacking page."""
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "index.html").write_text(ATTACK.replace("TARGET", dashboard))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page whose errors do not matter."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("where", ["another port", "localhost", "file"])
def test_a_page_of_another_site_gets_nothing(stranger: Page, evil: str, tmp_path: Path, where: str) -> None:
    address = {"another port": evil, "localhost": evil.replace("127.0.0.1", "localhost"),
               "file": f"file://{tmp_path}/evil/index.html"}[where]
    stranger.goto(address)
    stranger.wait_for_timeout(1500)
    assert stranger.evaluate("attack()") == {"read": "refused", "socket": "refused"}
    shown = stranger.frames[1].locator("body").inner_text() if len(stranger.frames) > 1 else ""
    assert "Darkroom" not in shown and "Launch" not in shown


def test_a_rebound_name_gets_nothing(browser: Browser, dashboard: str) -> None:
    options = chromium_arguments()
    options["args"].append("--host-resolver-rules=MAP evil.example 127.0.0.1")
    port = re.search(r"\d+$", dashboard)
    assert port
    fooled = browser.browser_type.launch(**options)
    page = fooled.new_page()
    answer = page.goto(f"http://evil.example:{port[0]}/")
    assert answer and answer.status == 403 and "is not a host of this dashboard" in page.content()
    assert page.evaluate("""new Promise(done => {
        const socket = new WebSocket(`ws://${location.host}/_stcore/stream`);
        socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""") == "refused"
    fooled.close()


def test_the_token_is_asked_for_and_kept_out_of_addresses_and_logs(browser: Browser, home: Path,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TOKEN", "a token of some length")
    with serve(home) as address:
        page = browser.new_page()
        page.goto(f"{address}/runs")
        page.fill("#token", "a guess")
        page.click("button")
        page.get_by_text("not the token").wait_for()
        page.fill("#token", "a token of some length")
        page.click("button")
        page.get_by_text("Launch").first.wait_for(timeout=60_000)
        assert page.url == f"{address}/runs"
        page.close()
    written = [file for file in home.rglob("*") if file.is_file() and b"a token of some length" in file.read_bytes()]
    assert [file.name for file in written] in ([], ["server.log"])  # what the server itself printed as it started
