"""The gate before everything that is served: hosts, origins, login, and the headers of every answer."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.answers import Guard, counted_address, port_of, text
from app.server.hosts import HOSTS_VARIABLE, Hosts

HEALTH_PATH = "/_stcore/health"
_AT_ONCE = 256
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
# Who is refused asks again at once: an answer that comes late slows that down, and costs nothing.
_SECONDS_BEFORE_REFUSAL = 5.0
_SECONDS_FOR_A_PART = 30.0
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

    def __init__(self, app: ASGIApp, hosts: Hosts, login: Guard | None, scripts: Sequence[str] = ()) -> None:
        """``scripts``: hashes of the scripts that the page itself holds."""
        self._app, self._hosts, self._login = app, hosts, login
        policy = POLICY | {"script-src": " ".join((POLICY["script-src"], *scripts))}
        self._headers = HEADERS | {"Content-Security-Policy": "; ".join(map(" ".join, policy.items()))}
        self._passing: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            receive = _impatient(receive)
        # Each path has a count of its own, so that pollers of one do not close the others to whoever shares an address.
        place = counted_address(scope.get("client")), scope["path"]
        if self._passing[place] >= _AT_ONCE and scope["path"] != HEALTH_PATH:
            await asyncio.sleep(_SECONDS_BEFORE_REFUSAL)
            crowded = text(f"more than {_AT_ONCE} requests at once from one address", 429, {"Retry-After": "5"})
            await self._pass_or_answer(scope, receive, send, crowded)
            return
        self._passing[place] += 1
        try:
            await self._pass_or_answer(scope, receive, send, await self._answer(scope, receive))
        finally:
            self._passing[place] -= 1
            if not self._passing[place]:
                del self._passing[place]

    async def _pass_or_answer(self, scope: Scope, receive: Receive, send: Send, answer: Response | None) -> None:
        if answer is None:
            await self._app(scope, receive, self._with_headers(send))
        elif scope["type"] == "http":
            await answer(scope, receive, self._with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

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
        if refusal or self._login is None or scope["path"] == HEALTH_PATH:
            return refusal
        return await self._login.answer(connection, receive)

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        named, origins = (connection.headers.getlist(name) for name in ("host", "origin"))
        host = ", ".join(named)
        if len(named) > 1 or not self._hosts.allow(host, port_of(connection), connection.scope["scheme"]):
            return text(f"{host[:200]!r} is not a host of this dashboard: to allow it, start with "
                        f"{HOSTS_VARIABLE}={host[:200]}", 403)
        own = all(self._hosts.allow_origin(origin, host) for origin in origins)
        if not own or _is_fetched_by_others(connection):
            return text("requests from pages of other sites are refused", 403)
        if connection.scope.get("method", "GET") not in _METHODS or not connection.scope["path"].startswith("/"):
            return text("neither a proxy nor anything but a web server is here", 405)
        return None


def _is_fetched_by_others(connection: HTTPConnection) -> bool:
    """Whether a browser says that another site's page loads this, rather than leads its visitor here."""
    site, mode = (connection.headers.get(f"sec-fetch-{name}", "") for name in ("site", "mode"))
    return site in ("cross-site", "same-site") and mode != "navigate"


def _impatient(receive: Receive) -> Receive:
    """``receive`` that takes a client who leaves a body unfinished, and sends nothing more, for gone."""
    whole = False

    async def receiving() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), _SECONDS_FOR_A_PART)
        except TimeoutError:
            message = {"type": "http.disconnect"}
        whole = not message.get("more_body")
        return message

    return receiving
