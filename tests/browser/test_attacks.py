"""Pages of other sites, in a real browser, against a running dashboard."""

import contextlib
import http.server
import re
import socket
import statistics
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.app.server.openid_provider import provided, secrets_toml
from tests.browser.driving import chromium_arguments, free_port, serve

pytestmark = pytest.mark.browser
TOKEN = "a token of some length"
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


@contextlib.contextmanager
def _attacking(tmp_path: Path, target: str, host: str = "127.0.0.1") -> Iterator[str]:
    """The address of another server of this host with the attacking page."""
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "index.html").write_text(ATTACK.replace("TARGET", target))
    server = http.server.ThreadingHTTPServer((host, 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{host}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def evil(tmp_path: Path, untouched: str) -> Iterator[str]:
    with _attacking(tmp_path, untouched) as address:
        yield address


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


def test_a_rebound_name_gets_nothing(browser: Browser, untouched: str) -> None:
    options = chromium_arguments()
    options["args"].append("--host-resolver-rules=MAP evil.example 127.0.0.1")
    port = re.search(r"\d+$", untouched)
    assert port
    fooled = browser.browser_type.launch(**options)
    page = fooled.new_page()
    answer = page.goto(f"http://evil.example:{port[0]}/")
    assert answer and answer.status == 403 and "is not a host of this dashboard" in page.content()
    assert page.evaluate("""new Promise(done => {
        const socket = new WebSocket(`ws://${location.host}/_stcore/stream`);
        socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""") == "refused"
    fooled.close()


RAW = [
    ("GET http://evil.example/darkroom/changes HTTP/1.1", "Host: {own}", 405),
    ("GET http://{own}/darkroom/changes HTTP/1.1", "Host: evil.example", 403),
    ("GET /darkroom/changes HTTP/1.1", "Host: {own}\r\nHost: evil.example", 400),
    ("GET /darkroom/changes HTTP/1.1", "Host: evil.example\r\nX-Forwarded-Host: {own}", 403),
    ("GET /darkroom/changes HTTP/1.1", "Host: {own}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors", 403),
    ("GET /%64arkroom/changes HTTP/1.1", "Host: evil.example", 403),
    ("GET /app/static/..%2f..%2fstreamlit_app.py HTTP/1.1", "Host: {own}", 400),
    ("GET /app/static/%2e%2e/streamlit_app.py HTTP/1.1", "Host: {own}", 400),
    ("CONNECT evil.example:443 HTTP/1.1", "Host: {own}", 405), ("TRACE / HTTP/1.1", "Host: {own}", 405),
    ("OPTIONS * HTTP/1.1", "Host: {own}", 405),
    ("POST /darkroom/changes HTTP/1.1", "Host: {own}\r\nContent-Length: 0", 405),
    ("GET /_stcore/stream HTTP/1.1", "Host: {own}\r\nOrigin: null\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 403),
    ("PUT /_stcore/upload_file/a/b HTTP/1.1", "Host: {own}\r\nContent-Length: 0", 403),
    ("GET /darkroom/changes HTTP/1.1", "Host: {own}.", 403),
    ("GET /_stcore/health HTTP/1.1", "Host: LOCALHOST.:{port}", 200), ("GET / HTTP/1.0", "X: y", 403),
    ("GET / HTTP/1.0", "Host: {own}", 200), ("GET / HTTP/1.1", "Host:", 403), ("GET / HTTP/1.1", "X: y", 400),
    ("GET / HTTP/1.1", "Host : {own}", 400), ("GET //evil.example/ HTTP/1.1", "Host: {own}", 400),
    ("GET / HTTP/1.1", "Host: [::1]:{port}", 200), ("GET / HTTP/1.1", "Host: [::ffff:127.0.0.1]:{port}", 403),
    *[(f"GET {path} HTTP/1.1", headers, 403) for headers in ("Host: evil.example", "Host: {own}\r\nOrigin: null")
      for path in ("/_stcore/health", "/healthz", "/_stcore/host-config", "/_stcore/metrics", "/media/x.png",
                   "/component/x/y", "/static/index.html", "/app/static/plotly.min.js", "/auth/login",
                   "/oauth2callback")]]


def _status(address: str, request: str, headers: str) -> int:
    host, _, port = address.removeprefix("http://").rpartition(":")
    values = {"own": f"{host}:{port}", "port": port}
    with socket.create_connection((host.strip("[]"), int(port)), 20) as connection:
        connection.sendall(f"{request}\r\n{headers}\r\nConnection: close\r\n\r\n".format(**values).encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_requests_that_no_browser_sends(untouched: str) -> None:
    found = [(request, headers, _status(untouched, request, headers)) for request, headers, _ in RAW]
    assert found == RAW


def test_the_address_of_ipv6_is_one_of_this_machine(home: Path) -> None:
    with serve(home, host="[::1]", arguments=("--server.address", "::1")) as address:
        assert _status(address, "GET /darkroom/changes HTTP/1.1", "Host: {own}") == 200
        assert _status(address, "GET /darkroom/changes HTTP/1.1", "Host: [::2]:{port}") == 403


def _lan_address() -> str:
    found = [each.address for name in psutil.net_if_addrs().values() for each in name
             if each.family == socket.AF_INET and not each.address.startswith("127.")]
    return found[0] if found else pytest.skip("this machine has no address but loopback")


def test_others_of_the_network_get_nothing_without_the_token(browser: Browser, home: Path, tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TOKEN", TOKEN)
    lan = _lan_address()
    with serve(home, arguments=("--server.address", "0.0.0.0")) as own:
        address = own.replace("127.0.0.1", lan)
        with _attacking(tmp_path, address, lan) as evil:
            page = browser.new_page()
            page.goto(evil)
            assert page.evaluate("attack()") == {"read": "refused", "socket": "refused"}
        page.goto(f"{address}/runs?token={TOKEN}")
        assert page.url == f"{address}/runs"
        told = "[document.referrer, performance.getEntriesByType('navigation')[0].name, document.cookie, location.href]"
        assert TOKEN not in str(page.evaluate(told)) and "token=" not in str(page.evaluate(told))
        before = len(page.context.cookies())
        page.context.clear_cookies()
        assert before and page.goto(f"{address}/runs").status == 401  # type: ignore[union-attr]
        page.close()
        lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
        assert not [line for line in lines if TOKEN in line]
        # Side by side, too, no more than the free failures are looked at.
        guess = ("POST / HTTP/1.1", "Host: {own}\r\nContent-Length: 13\r\n"
                 "Content-Type: application/x-www-form-urlencoded\r\nX-Body: \r\n\r\ntoken=a+guess")
        with ThreadPoolExecutor(40) as crowd:
            statuses = Counter(crowd.map(lambda _: _status(address, *guess), range(40)))
        assert set(statuses) == {401, 429} and statuses[401] <= 5


def test_a_crowd_does_not_keep_others_waiting(dashboard: str) -> None:
    host, port = dashboard.removeprefix("http://").split(":")
    since = urllib.request.urlopen(f"{dashboard}/darkroom/changes").read().decode()
    poll = f"GET /darkroom/changes?since={since}&within=5 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()

    def median() -> float:
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            assert urllib.request.urlopen(f"{dashboard}/_stcore/health", timeout=20).status == 200
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    quiet = median()
    with contextlib.ExitStack() as crowd:
        for sent in [*[b"GET / HTTP/1.1\r\nHost"] * 600, *[poll] * 1000]:
            connection = crowd.enter_context(socket.create_connection((host, int(port)), 20))
            connection.sendall(sent)
        assert median() < quiet + 0.05


def test_openid_connect_is_asked_for_instead_of_the_token(browser: Browser, home: Path, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://localhost:{port}"
    with provided() as provider:
        (tmp_path / "secrets.toml").write_text(secrets_toml(provider, f"{address}/oauth2callback"))
        arguments = ("--server.address", "0.0.0.0", "--secrets.files", str(tmp_path / "secrets.toml"))
        with serve(home, arguments=arguments, port=port):
            page = browser.new_page()
            answer = page.goto(f"{address}/runs?tag=a")
            assert answer and answer.status == 401 and page.locator("#token").count() == 0
            assert page.evaluate("fetch('/darkroom/changes').then(answer => answer.status)") == 401
            page.get_by_role("link", name="Log in").click()
            page.get_by_role("link", name="Compare").first.wait_for(timeout=60_000)
            assert page.url == f"{address}/runs?tag=a"
            assert page.evaluate("fetch('/darkroom/changes').then(answer => answer.text())").isdigit()
            page.goto(f"{address}/auth/logout")
            page.get_by_role("link", name="Log in").wait_for()
            page.close()


def test_the_token_is_asked_for_and_kept_out_of_addresses_and_logs(browser: Browser, home: Path,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TOKEN", TOKEN)
    with serve(home) as address:
        page = browser.new_page()
        page.goto(f"{address}/runs")
        page.fill("#token", "a guess")
        page.click("button")
        page.get_by_text("not the token").wait_for()
        page.fill("#token", TOKEN)
        page.click("button")
        page.get_by_text("Launch").first.wait_for(timeout=60_000)
        assert page.url == f"{address}/runs"
        page.close()
    written = [file for file in home.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()]
    assert [file.name for file in written] in ([], ["server.log"])  # what the server itself printed as it started
