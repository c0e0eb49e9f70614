"""The gate before everything that is served: hosts, origins, login, and the headers of every answer."""

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.hosts import HOSTS_VARIABLE, Hosts
from app.server.login import Login, TooManyAttemptsError

HEALTH_PATH = "/_stcore/health"
_PAGE = Path(__file__).with_name("login.html").read_text()
_LARGEST_FORM = 4096
_AT_ONCE = 256
# Streamlit's front end styles elements in line, compiles expressions of charts, and loads components from blobs.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' blob: data:",
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Gate:
    """ASGI middleware that answers what may not pass by itself, and lets the rest through."""

    def __init__(self, app: ASGIApp, hosts: Hosts, login: Login | None, scripts: Sequence[str] = ()) -> None:
        """``scripts``: hashes of the scripts that the page itself holds."""
        self._app, self._hosts, self._login = app, hosts, login
        policy = POLICY | {"script-src": " ".join((POLICY["script-src"], *scripts))}
        self._headers = HEADERS | {"Content-Security-Policy": "; ".join(map(" ".join, policy.items()))}
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("", 0))[0]
        self._open[address] += 1
        try:
            answer = await self._answer(scope, receive)
            if answer is None:
                await self._app(scope, receive, self._with_headers(send))
            elif scope["type"] == "http":
                await answer(scope, receive, self._with_headers(send))
            else:
                await send({"type": "websocket.close", "code": 1008})
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return sending

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """What to answer instead of the dashboard; None: the request may pass."""
        connection = HTTPConnection(scope)
        refusal = self._refusal(connection)
        if refusal:
            return refusal
        if self._login is None or scope["path"] == HEALTH_PATH or self._login.knows(_session(connection)):
            return None
        return _text("not logged in", 403) if scope["type"] == "websocket" else await self._log_in(
            self._login, Request(scope, receive))

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
        if not self._hosts.allow(host, _port(connection), connection.scope["scheme"]):
            return _text(f"{host!r} is not a host of this dashboard: to allow it, start with "
                         f"{HOSTS_VARIABLE}={host}", 403)
        if origin is not None and not self._hosts.allow_origin(origin, host):
            return _text("requests from pages of other sites are refused", 403)
        if self._open[(connection.scope.get("client") or ("", 0))[0]] > _AT_ONCE:
            return _text(f"more than {_AT_ONCE} requests at once from one address", 429)
        return None

    async def _log_in(self, login: Login, request: Request) -> Response:
        """Open a session for whoever gives the token, in the address or by the form; else show the form."""
        address = request.client.host if request.client else ""
        token = await _posted_token(request) if request.method == "POST" else request.query_params.get("token", "")
        if not token:
            return _form("", 401)
        try:
            session = login.open(token, address)
        except TooManyAttemptsError as error:
            return _form(str(error), 429, {"Retry-After": f"{error.seconds:.0f}"})
        if session is None:
            return _form("this is not the token that the dashboard printed when it started", 401)
        rest = urlencode([(key, value) for key, value in request.query_params.multi_items() if key != "token"])
        answer = RedirectResponse(f"/{request.url.path.lstrip('/')}{'?' * bool(rest)}{rest}", 303)
        answer.set_cookie(_cookie_name(request), session, httponly=True, samesite="lax",
                          secure=request.url.scheme == "https", path="/")
        return answer


def _cookie_name(connection: HTTPConnection) -> str:
    """Cookies are shared by all ports of a host: each dashboard has its own."""
    return f"darkroom-{_port(connection)}"


def _port(connection: HTTPConnection) -> int:
    """The port that the request came in by; 0: the server listens on a file."""
    return (connection.scope.get("server") or ("", 0))[1] or 0


def _session(connection: HTTPConnection) -> str:
    return connection.cookies.get(_cookie_name(connection), "")


async def _posted_token(request: Request) -> str:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            return ""
    return parse_qs(body.decode("latin-1")).get("token", [""])[0]


def _form(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    shown = f"<p role=alert>{html.escape(message[:1].upper() + message[1:])}.</p>" if message else ""
    return HTMLResponse(_PAGE.replace("{message}", shown), status, {"Cache-Control": "no-store"} | (headers or {}))


def _text(message: str, status: int) -> Response:
    return PlainTextResponse(f"{message[:500]}\n", status)
