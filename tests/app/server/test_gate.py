"""What passes the gate, and the headers of every answer."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.server.gate import Gate
from app.server.hosts import Hosts
from app.server.login import Login

TOKEN = "a token of some length"


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"secret {request.url.query}")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("secret")
    await socket.close()


def client(login: Login | None = None, scripts: tuple[str, ...] = ()) -> TestClient:
    routes = [Route("/_stcore/health", _page), Route("/{path:path}", _page, methods=["GET", "POST", "PUT"]),
              WebSocketRoute("/_stcore/stream", _stream)]
    gate = Middleware(Gate, hosts=Hosts("127.0.0.1"), login=login, scripts=scripts)
    app = Starlette(routes=routes, middleware=[gate])
    return TestClient(app, base_url="http://localhost:80", follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/darkroom/changes", "/app/static/plotly.min.js", "/media/x", "/_stcore/health"])
def test_a_foreign_host_is_refused_everywhere(path: str) -> None:
    answer = client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 403 and "secret" not in answer.text and "DARKROOM_HOSTS" in answer.text
    assert client().get(path).status_code == 200


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://localhost:8000", "http://127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_foreign_origin_is_refused(origin: str, method: str) -> None:
    assert client().request(method, "/", headers={"Origin": origin}).status_code == 403
    assert client().request(method, "/", headers={"Origin": "http://localhost"}).status_code == 200


@pytest.mark.parametrize("origins", [("http://localhost", "http://evil.example"), ("http://evil.example", "http://localhost")])
def test_no_origin_hides_behind_another(origins: tuple[str, str]) -> None:
    assert client().get("/", headers=[("Origin", origin) for origin in origins]).status_code == 403


REFUSED = [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]


@pytest.mark.parametrize("headers", REFUSED)
def test_no_socket_is_opened_for_others(headers: dict[str, str]) -> None:
    stream = "ws://localhost/_stcore/stream"
    with pytest.raises(WebSocketDisconnect), client().websocket_connect(stream, headers=headers):
        pass
    with client().websocket_connect(stream, headers={"Origin": "http://localhost"}) as socket:
        assert socket.receive_text() == "secret"


@pytest.mark.parametrize(("headers", "status"), [({}, 200), ({"Host": "evil.example"}, 403)])
def test_every_answer_forbids_frames_and_foreign_scripts(headers: dict[str, str], status: int) -> None:
    answer = client(scripts=("'sha256-abc'",)).get("/", headers=headers)
    assert answer.status_code == status
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'" and policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' blob: 'sha256-abc'"
    assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_is_shown_before_the_login_but_the_form() -> None:
    guarded = client(Login(TOKEN))
    for path in ("/", "/results?run=1", "/darkroom/changes", "/app/static/plotly.min.js"):
        answer = guarded.get(path)
        assert answer.status_code == 401 and "secret" not in answer.text and "Token" in answer.text
    assert guarded.get("/_stcore/health").status_code == 200
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("ws://localhost/_stcore/stream"):
        pass


@pytest.mark.parametrize("how", ["address", "form"])
def test_the_token_leads_to_where_one_wanted_to_go(how: str) -> None:
    guarded = client(Login(TOKEN))
    answer = guarded.get("/results", params={"run": "1", "token": TOKEN}) if how == "address" else guarded.post(
        "/results?run=1", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/results?run=1")
    assert TOKEN not in str(answer.headers)
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert guarded.get("/results?run=1").text == "secret run=1"
    with guarded.websocket_connect("ws://localhost/_stcore/stream") as socket:
        assert socket.receive_text() == "secret"


def test_a_redirect_stays_on_this_host() -> None:
    answer = client(Login(TOKEN)).get("//evil.example/", params={"token": TOKEN})
    assert answer.headers["Location"].startswith("/") and not answer.headers["Location"].startswith("//")


def test_a_session_that_was_chosen_by_others_is_not_taken() -> None:
    guarded = client(Login(TOKEN))
    fixed = {"Cookie": "darkroom-80=chosen"}
    answer = guarded.get("/", params={"token": TOKEN}, headers=fixed)
    assert "chosen" not in answer.headers["Set-Cookie"]
    guarded.cookies.clear()
    assert guarded.get("/", headers=fixed).status_code == 401


@pytest.mark.parametrize("token", ["wrong", "<script>alert(1)</script>", "\ud800", TOKEN.upper(), TOKEN + " "])
def test_a_wrong_token_is_refused_and_not_repeated(token: str) -> None:
    answer = client(Login(TOKEN)).post("/", data={"token": token.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 401 and "is not the token" in answer.text and token not in answer.text


def test_guessing_is_slowed() -> None:
    guarded = client(Login(TOKEN))
    answers = [guarded.post("/", data={"token": f"guess {number}"}) for number in range(10)]
    assert [answer.status_code for answer in answers[-3:]] == [429] * 3 and int(answers[-1].headers["Retry-After"]) >= 0
    assert guarded.post("/", data={"token": TOKEN}).status_code == 429


def test_a_large_form_is_not_read() -> None:
    assert client(Login(TOKEN)).post("/", data={"token": "x" * 100_000}).status_code == 401


def _scope(address: str, path: str = "/", **changes: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b"",
            "client": (address, 1), "server": ("127.0.0.1", 80), "headers": [(b"host", b"localhost")]} | changes


async def _ask(gate: Gate, statuses: list[tuple[str, str, int]], address: str, path: str) -> None:
    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append((address, path, message["status"]))

    await gate(_scope(address, path), lambda: asyncio.sleep(0), send)


def test_requests_at_once_are_capped_for_each_address_and_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.gate._AT_ONCE", 3)
    monkeypatch.setattr("app.server.gate._SECONDS_BEFORE_REFUSAL", 0.0)
    waiting, statuses = [asyncio.Event()], list[tuple[str, str, int]]()
    asked = [*[("10.0.0.1", "/a")] * 5, ("10.0.0.2", "/a"), ("10.0.0.1", "/b"), *[("10.0.0.1", "/_stcore/health")] * 5,
             *[(f"2001:db8:0:1::{number}", "/a") for number in range(5)], ("2001:db8:0:2::1", "/a")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await waiting[0].wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def crowd() -> None:
        gate = Gate(app, Hosts("127.0.0.1"), None)
        tasks = [asyncio.create_task(_ask(gate, statuses, *who)) for who in asked]
        while len(statuses) < 4:
            await asyncio.sleep(0.01)
        refused = [("10.0.0.1", "/a", 429)] * 2 + [(f"2001:db8:0:1::{number}", "/a", 429) for number in (3, 4)]
        assert sorted(statuses) == refused
        waiting[0].set()
        await asyncio.gather(*tasks)
        await _ask(gate, statuses, "10.0.0.1", "/a")
        assert not gate._passing

    asyncio.run(crowd())
    assert Counter(status for _, _, status in statuses) == {429: 4, 200: len(asked) - 4 + 1}


def test_a_body_that_is_never_finished_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.gate._SECONDS_FOR_A_PART", 0.05)
    parts = [{"type": "http.request", "body": b"half", "more_body": True}]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(ClientDisconnect):
            await Request(scope, receive).body()

    async def receive() -> Any:
        return parts.pop() if parts else await asyncio.sleep(60)

    asyncio.run(asyncio.wait_for(Gate(app, Hosts("127.0.0.1"), None)(_scope("10.0.0.1"), receive, receive), 5))


def test_an_answer_that_takes_long_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.gate._SECONDS_FOR_A_PART", 0.05)
    messages = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"whole", "more_body": False}]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == b"whole"
        assert (await receive())["type"] == "http.disconnect"

    async def receive() -> Any:
        await asyncio.sleep(0.0 if len(messages) == 2 else 0.2)
        return messages.pop()

    asyncio.run(Gate(app, Hosts("127.0.0.1"), None)(_scope("10.0.0.1"), receive, receive))
    assert not messages


@pytest.mark.parametrize("headers", [
    [(b"host", b"localhost"), (b"host", b"evil.example")], [(b"host", b"evil.example"), (b"host", b"localhost")],
    [(b"host", b"localhost"), (b"host", b"localhost")], [], [(b"host", b"localhost@evil.example")],
    [(b"host", b"evil.example"), (b"x-forwarded-host", b"localhost")]])
def test_one_host_counts_and_nothing_else_speaks_for_it(headers: list[tuple[bytes, bytes]]) -> None:
    statuses: list[int] = []

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("this may not pass")

    scope = _scope("10.0.0.1", headers=headers)
    asyncio.run(Gate(app, Hosts("127.0.0.1"), None)(scope, lambda: asyncio.sleep(0), send))
    assert statuses[0] == 403


def test_a_forwarded_host_is_not_listened_to() -> None:
    answer = client(Login(TOKEN)).get("/?token=" + TOKEN, headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/"


@pytest.mark.parametrize(("site", "mode", "status"), [
    ("cross-site", "no-cors", 403), ("same-site", "cors", 403), ("cross-site", "websocket", 403),
    ("same-site", "", 403), ("cross-site", "navigate", 200), ("same-origin", "cors", 200), ("none", "navigate", 200)])
def test_a_page_of_another_site_may_lead_here_but_load_nothing(site: str, mode: str, status: int) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
    assert client().get("/darkroom/changes", headers=headers).status_code == status


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "PURGE"])
def test_it_is_no_proxy_and_repeats_no_request(method: str) -> None:
    answer = client().request(method, "/")
    assert answer.status_code == 405 and "secret" not in answer.text


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PUT"])
@pytest.mark.parametrize("path", ["/", "/darkroom/changes", "/_stcore/upload_file/a/b", "/_stcore/host-config"])
def test_no_method_passes_before_the_login(method: str, path: str) -> None:
    assert client(Login(TOKEN)).request(method, path).status_code == 401


@pytest.mark.parametrize("path", ["/%64arkroom/changes", "/darkroom/../darkroom/changes", "//darkroom/changes",
                                  "/_stcore/health/../../darkroom/changes", "/_stcore/health/", "/_stcore/health%2f..",
                                  "/_stcore/health;/darkroom/changes", "/_stcore/health%00", "/./_stcore/health/x"])
def test_no_spelling_of_a_path_passes_before_the_login(path: str) -> None:
    answer = client(Login(TOKEN)).get(path)
    assert answer.status_code == 401 and "secret" not in answer.text
