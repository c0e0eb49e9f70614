"""Login by token, asked for when other machines can reach the dashboard."""

import hmac
import os
import secrets
import time
from collections import OrderedDict
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive

from app.server.answers import counted_address, login_page, port_of, text

TOKEN_VARIABLE = "DARKROOM_TOKEN"
_SHORTEST_TOKEN = 16
_SESSION_SECONDS = 7 * 86_400
_SESSIONS = 1000
_ADDRESSES = 10_000
_LONGEST_WAIT = 60.0
_FREE_FAILURES = 3
_LARGEST_FORM = 4096
_FORM = """<form method="post">
  <h1>Darkroom</h1>
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="current-password" autofocus required>
  {message}
  <button>Log in</button>
  <p>The dashboard printed it where it was started, behind <code>?token=</code>.</p>
</form>"""


class Login:
    """A token, and the sessions that were opened with it.

    Sessions live in memory: after a restart the token is asked for again. A session's id is made at login, so that
    nobody can fix it beforehand.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def knows(self, session: str) -> bool:
        """Whether a session is open."""
        return self._sessions.get(session, 0.0) > time.time()

    def open(self, token: str, address: str) -> str | None:
        """Open a session and return its id; None: the token is wrong.

        Raises:
            TooManyAttemptsError: this address must wait after wrong tokens; the token was not looked at.
        """
        failures, until = self._failures.get(address, (0, 0.0))
        now = time.monotonic()
        if now < until:
            raise TooManyAttemptsError(until - now)
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            waits = 0.0 if failures < _FREE_FAILURES else min(_LONGEST_WAIT, 2.0 ** (failures - _FREE_FAILURES))
            _put(self._failures, address, (failures + 1, now + waits), _ADDRESSES)
            return None
        self._failures.pop(address, None)
        session = secrets.token_urlsafe(32)
        _put(self._sessions, session, time.time() + _SESSION_SECONDS, _SESSIONS)
        return session

    def announcement(self, address: str) -> str:
        return f"Log in at {address}/?token={self.token}"

    async def answer(self, connection: HTTPConnection, receive: Receive) -> Response | None:
        """None for an open session; else a redirect that opens one for whoever gives the token, or the form."""
        if self.knows(connection.cookies.get(_cookie_name(connection), "")):
            return None
        if connection.scope["type"] == "websocket":
            return text("not logged in", 403)
        request = Request(connection.scope, receive)
        token = await _posted_token(request) if request.method == "POST" else request.query_params.get("token", "")
        if not token:
            return login_page(_FORM, "", 401)
        try:
            session = self.open(token, counted_address(connection.scope.get("client")))
        except TooManyAttemptsError as error:
            return login_page(_FORM, str(error), 429, {"Retry-After": f"{error.seconds:.0f}"})
        if session is None:
            return login_page(_FORM, "this is not the token that the dashboard printed when it started", 401)
        return _opened(request, session)


class TooManyAttemptsError(Exception):
    """``seconds``: how long an address must wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong tokens: try again in {seconds:.0f} s")
        self.seconds = seconds


def login_for(exposed: bool) -> Login | None:
    """The login of this server: with the token in ``DARKROOM_TOKEN``, or a new one where others can reach it.

    The variable is taken out of the environment, which trainers inherit and runs record.

    Raises:
        SystemExit: the token is too short to be safe.
    """
    given = os.environ.pop(TOKEN_VARIABLE, "")
    if given and len(given) < _SHORTEST_TOKEN:
        raise SystemExit(f"{TOKEN_VARIABLE}: {len(given)} characters are too few: give {_SHORTEST_TOKEN} or more, or "
                         "none, for a new token at every start")
    return Login(given or secrets.token_hex(24)) if given or exposed else None


def _opened(request: Request, session: str) -> Response:
    """A redirect to where the visitor wanted to go, without the token, with the session's cookie."""
    rest = urlencode([(key, value) for key, value in request.query_params.multi_items() if key != "token"])
    answer = RedirectResponse(f"/{request.url.path.lstrip('/')}{'?' * bool(rest)}{rest}", 303,
                              {"Cache-Control": "no-store"})
    answer.set_cookie(_cookie_name(request), session, httponly=True, samesite="lax",
                      secure=request.url.scheme == "https", path="/")
    return answer


def _cookie_name(connection: HTTPConnection) -> str:
    """Cookies are shared by all ports of a host: each dashboard has its own."""
    return f"darkroom-{port_of(connection)}"


async def _posted_token(request: Request) -> str:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            return ""
    return parse_qs(body.decode("latin-1")).get("token", [""])[0]


def _put(mapping: OrderedDict[str, Any], key: str, value: Any, most: int) -> None:
    """Put a value last, and drop the oldest beyond ``most``."""
    mapping[key] = value
    mapping.move_to_end(key)
    while len(mapping) > most:
        mapping.popitem(last=False)
