"""Login by OpenID Connect: Streamlit's routes, a real provider on loopback, and nothing shown before."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import auth_util, config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from app.server.gate import Gate
from app.server.hosts import Hosts
from app.server.openid import OpenId, openid_for
from tests.app.server.openid_provider import Provider, provided, secrets_toml

SECRET = "a secret of some length"
ORIGIN = "http://localhost"
EXPOSED = Hosts("0.0.0.0")
Configure = Callable[..., None]
PATHS = ["/", "/runs", "/darkroom/changes", "/media/x", "/app/static/plotly.min.js", "/_stcore/host-config"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provided() as started:
        yield started


@pytest.fixture
def configure(tmp_path: Path, provider: Provider) -> Iterator[Configure]:
    """Writes ``secrets.toml`` as Streamlit reads it."""
    before = config.get_option("secrets.files")

    def write(redirect: str = f"{ORIGIN}/oauth2callback", text: str | None = None, **changes: str) -> None:
        (tmp_path / "secrets.toml").write_text(secrets_toml(provider, redirect, **changes) if text is None else text)
        config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
        auth_util.secrets_singleton._reset()

    provider.user = {"sub": "7", "email": "ada@example.org", "email_verified": True}
    provider.signs_with, provider.refuses = provider.key, False
    yield write
    config.set_option("secrets.files", before)
    auth_util.secrets_singleton._reset()


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"secret {request.url.path}?{request.url.query}")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("secret")
    await socket.close()


def dashboard() -> TestClient:
    login = openid_for(EXPOSED, 80)
    assert login
    routes = [*create_auth_routes(""), WebSocketRoute("/_stcore/stream", _stream),
              Route("/{path:path}", _page, methods=["GET", "PUT", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, hosts=EXPOSED, login=login),
                                               Middleware(SessionMiddleware, secret_key=SECRET)])
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


def log_in(visitor: TestClient, path: str = "/") -> httpx2.Response:
    """The answer of the dashboard after all that a browser is led through."""
    place = visitor.get(f"{path}{'&' if '?' in path else '?'}login=default").headers["Location"]
    for _ in range(4):
        if not place.startswith((ORIGIN, "/")):
            place = httpx2.get(place).headers["Location"]
        answer = visitor.get(place)
        place = answer.headers.get("Location", "")
        if not place:
            break
    return answer


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_nothing_is_shown_before_the_login(configure: Configure, path: str, method: str) -> None:
    configure()
    answer = dashboard().request(method, path)
    assert answer.status_code == 401 and "secret" not in answer.text and "Log in" in answer.text
    assert "Token" not in answer.text


def test_no_socket_is_opened_before_the_login(configure: Configure) -> None:
    configure()
    with pytest.raises(WebSocketDisconnect), dashboard().websocket_connect("ws://localhost/_stcore/stream"):
        pass


def test_a_login_leads_to_where_one_wanted_to_go(configure: Configure) -> None:
    configure()
    visitor = dashboard()
    assert log_in(visitor, "/results?run=1&run=2").text == "secret /results?run=1&run=2"
    assert visitor.get("/darkroom/changes").status_code == 200
    with visitor.websocket_connect("ws://localhost/_stcore/stream") as socket:
        assert socket.receive_text() == "secret"
    assert visitor.get("/").text == "secret /?"
    visitor.get("/auth/logout")
    assert visitor.get("/").status_code == 401


@pytest.mark.parametrize("wanted", ["//evil.example/", "/\\evil.example", "https://evil.example", "%2f%2fevil.example"])
def test_a_login_leads_nowhere_else(configure: Configure, wanted: str) -> None:
    configure()
    visitor = dashboard()
    log_in(visitor)
    visitor.cookies.set("darkroom-wanted-80", wanted)
    place = urlsplit(visitor.get("/").headers["Location"])
    assert not place.netloc and not place.scheme and place.path.startswith("/")


def test_who_is_refused_by_the_provider_stays_outside(configure: Configure, provider: Provider) -> None:
    configure()
    provider.refuses = True
    assert log_in(dashboard()).status_code == 401


def test_a_token_that_somebody_else_signed_is_refused(configure: Configure, provider: Provider) -> None:
    configure()
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "first"})
    assert log_in(dashboard()).status_code == 401


def test_a_login_that_another_visitor_began_is_not_taken_over(configure: Configure) -> None:
    configure()
    other, visitor = dashboard(), dashboard()
    begun = other.get(other.get("/?login=default").headers["Location"]).headers["Location"]
    visitor.get(httpx2.get(begun).headers["Location"])
    assert visitor.get("/").status_code == 401


ADA = {"origin": ORIGIN, "is_logged_in": True, "provider": "default", "sub": "7"}


@pytest.mark.parametrize(("user", "secret", "status"), [
    (ADA, SECRET, 200), (ADA, "another secret of the kind", 401),
    (ADA | {"origin": "http://evil.example"}, SECRET, 401),
    (ADA | {"is_logged_in": False}, SECRET, 401), (ADA | {"provider": "gone"}, SECRET, 401), ({}, SECRET, 401),
    (["not", "a", "user"], SECRET, 401)])
def test_only_a_cookie_that_streamlit_signed_for_this_place_is_taken(configure: Configure, user: object, secret: str,
                                                                    status: int) -> None:
    configure()
    visitor = dashboard()
    visitor.cookies.set("_streamlit_user", create_signed_value(secret, "_streamlit_user", json.dumps(user)).decode())
    assert visitor.get("/").status_code == status


@pytest.mark.parametrize("cookie", ["", "chosen", "chunks-99999999", "a.b.c", "\xe9"])
def test_a_cookie_that_was_made_up_is_not_taken(configure: Configure, cookie: str) -> None:
    configure()
    headers = [(b"cookie", b"_streamlit_user=" + cookie.encode("latin-1"))]
    assert dashboard().get("/", headers=headers).status_code == 401


def test_a_large_cookie_comes_in_parts(configure: Configure, provider: Provider) -> None:
    configure()
    provider.user |= {"groups": [os.urandom(20).hex() for _ in range(200)]}
    visitor = dashboard()
    assert log_in(visitor).status_code == 200
    assert "_streamlit_user_2" in visitor.cookies
    del visitor.cookies["_streamlit_user_2"]
    assert visitor.get("/").status_code == 401


@pytest.mark.parametrize(("users", "who", "admitted"), [
    ("", {}, True), ("ada@example.org", {}, True), ("eve@example.org, ADA@Example.org", {}, True),
    ("@example.org", {}, True), ("7", {}, True), ("eve@example.org", {}, False), ("@example.com", {}, False),
    ("example.org", {}, False),
    ("@example.org", {"email": "ada@evil.example.org"}, False), ("ada@example.org", {"email_verified": False}, False),
    ("ada@example.org", {"email_verified": None}, False), ("@", {"email": ""}, False)])
def test_only_named_users_are_let_in(configure: Configure, provider: Provider, monkeypatch: pytest.MonkeyPatch,
                                     users: str, who: dict[str, object], admitted: bool) -> None:
    configure()
    monkeypatch.setenv("DARKROOM_USERS", users)
    provider.user |= who
    visitor = dashboard()
    answer = log_in(visitor)
    assert answer.status_code == (200 if admitted else 403)
    assert admitted or ("not among the users" in answer.text and "/auth/logout" in answer.text)
    visitor.get("/auth/logout")
    assert visitor.get("/").status_code == 401


def test_several_providers_are_offered(configure: Configure) -> None:
    section = '[auth.{0}]\nclient_id = "a"\nclient_secret = "b"\nserver_metadata_url = "http://127.0.0.1/{0}"\n'
    common = f'[auth]\nredirect_uri = "{ORIGIN}/oauth2callback"\ncookie_secret = "{SECRET}"\n'
    configure(text=common + section.format("google") + section.format("work"))
    page = dashboard().get("/runs?tag=a").text
    assert "Log in with google" in page and 'href="/runs?tag=a&amp;login=work"' in page


def test_the_login_takes_place_under_the_host_of_its_cookie(configure: Configure) -> None:
    configure()
    answer = dashboard().get("/?login=default", headers={"Host": "127.0.0.1"})
    assert answer.headers["Location"].startswith(f"{ORIGIN}/auth/login?provider=")


@pytest.mark.parametrize(("changes", "said"), [
    ({"cookie_secret": "short"}, "cookie_secret has fewer than 16"),
    ({"redirect": "http://evil.example/oauth2callback"}, "DARKROOM_HOSTS=evil.example"),
    ({"redirect": f"{ORIGIN}/"}, "/oauth2callback"),
    ({"redirect": "ftp://localhost/oauth2callback"}, "/oauth2callback"),
    ({"text": "[auth]\nclient_id = 'a'\n"}, "redirect_uri"),
    ({"text": f"[auth]\nredirect_uri = '{ORIGIN}/oauth2callback'\ncookie_secret = '{SECRET}'\n"}, "default"),
    ({"more": "[auth.two_words]\nclient_id = 'a'"}, "underscore")])
def test_what_would_not_work_is_said_at_the_start(configure: Configure, changes: dict[str, str], said: str) -> None:
    configure(**changes)
    with pytest.raises(SystemExit, match=said) as stopped:
        openid_for(EXPOSED, 80)
    assert "\n" not in str(stopped.value) and SECRET not in str(stopped.value)


def test_without_authlib_the_command_is_named(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    monkeypatch.setattr(auth_util, "is_authlib_installed", lambda: False)
    with pytest.raises(SystemExit, match=r"pip install -r requirements-openid\.txt"):
        openid_for(EXPOSED, 80)


def test_a_dashboard_for_this_machine_asks_nobody(configure: Configure) -> None:
    configure()
    assert openid_for(Hosts("127.0.0.1"), 80) is None
    configure(text="")
    assert openid_for(EXPOSED, 80) is None


def test_the_start_says_who_is_let_in() -> None:
    assert "everybody whom google logs in; DARKROOM_USERS=" in OpenId(["google"], ORIGIN).announcement("")
    assert "those in DARKROOM_USERS" in OpenId(["google"], ORIGIN, ["a@b.c"]).announcement("")
