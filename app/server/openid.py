"""Login by OpenID Connect: Streamlit's own, as ``[auth]`` in ``secrets.toml`` describes it.

Streamlit itself asks only where a page calls ``st.login``, and only after the page was sent. Here the cookie that it
signs is checked before anything is served.
"""

import html
import json
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive
from streamlit import auth_util
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from app.server.answers import login_page, port_of, text
from app.server.hosts import HOSTS_VARIABLE, Hosts

USERS_VARIABLE = "DARKROOM_USERS"
_LOGIN, _LOGOUT, _CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
_CHOICE = "login"
_SHORTEST_SECRET = 16
_MINUTES_TO_LOG_IN = 10
_LONGEST_ADDRESS = 2000


class OpenId:
    """The providers of ``[auth]``, and whom of their users to let in.

    Attributes:
        origin: scheme and host of the redirect address, where the login takes place and its cookie holds.
        users: email addresses, ``@domain`` for all of a domain, or subjects; empty: everybody whom a provider knows.
    """

    def __init__(self, providers: Sequence[str], origin: str, users: Collection[str] = ()) -> None:
        self.providers, self.origin, self.users = tuple(providers), origin, frozenset(users)

    def announcement(self, address: str) -> str:
        everybody = f"everybody whom {' or '.join(self.providers)} logs in"
        limit = f"{USERS_VARIABLE}=me@example.org,@example.org limits"
        admitted = f"those in {USERS_VARIABLE}" if self.users else f"{everybody}; {limit}"
        return f"Log in by OpenID Connect at {self.origin} (let in: {admitted})"

    async def answer(self, connection: HTTPConnection, receive: Receive) -> Response | None:
        """None for a user with Streamlit's cookie and for the login's own steps; else the page with the providers."""
        path, user = connection.scope["path"], self.user(connection.cookies)
        if path in (_LOGIN, _CALLBACK) or (user and path == _LOGOUT):
            return None
        if user and self._admits(user):
            return _back_to_what_was_wanted(connection)
        if connection.scope["type"] == "websocket":
            return text("not logged in", 403)
        if user:
            name = str(user.get("email") or user.get("sub"))
            leave = f'<main><h1>Darkroom</h1>{{message}}<a href="{_LOGOUT}">Log in as somebody else</a></main>'
            return login_page(leave, f"{name} is not among the users of this dashboard", 403)
        provider = connection.query_params.get(_CHOICE, "")
        return self._to(provider, connection) if provider in self.providers else self._choice(connection)

    def user(self, cookies: Mapping[str, str]) -> dict[str, Any]:
        """What the provider said of the user whose cookie this is; empty: there is none that Streamlit has signed."""
        signed = auth_util.get_cookie_with_chunks(lambda name: _decoded(cookies, name), USER_COOKIE_NAME)
        try:
            user = json.loads(signed or b"{}")
        except ValueError:
            return {}
        known = isinstance(user, dict) and user.get("is_logged_in") is True and user.get("provider") in self.providers
        return user if known and user.get("origin") == self.origin else {}

    def _admits(self, user: Mapping[str, Any]) -> bool:
        """An address that the provider has not verified may be anybody's."""
        email = str(user.get("email", "")).lower() if user.get("email_verified") in (True, "true") else ""
        domain = f"@{email.rpartition('@')[2]}" if email else ""
        return not self.users or not self.users.isdisjoint({str(user.get("sub", "")), email, domain} - {""})

    def _choice(self, connection: HTTPConnection) -> Response:
        """Links, as the policy keeps forms from being led on to a provider."""
        links = [f'<a href="{html.escape(_address(connection, {_CHOICE: name}))}">{html.escape(_caption(name))}</a>'
                 for name in self.providers]
        return login_page(f"<main><h1>Darkroom</h1>{''.join(links)}</main>", "", 401)

    def _to(self, provider: str, connection: HTTPConnection) -> Response:
        token = auth_util.encode_provider_token(provider)
        answer = RedirectResponse(f"{self.origin}{_LOGIN}?provider={quote(token)}", 303, {"Cache-Control": "no-store"})
        wanted = quote(_address(connection, {}), safe="")
        if len(wanted) <= _LONGEST_ADDRESS:
            answer.set_cookie(_wanted_cookie(connection), wanted, max_age=60 * _MINUTES_TO_LOG_IN, httponly=True,
                              samesite="lax")
        return answer


def openid_for(hosts: Hosts, port: int) -> OpenId | None:
    """The login by OpenID Connect, where other machines can reach the dashboard and ``secrets.toml`` has ``[auth]``.

    Raises:
        SystemExit: ``[auth]`` would not work, or would not be safe.
    """
    users = os.environ.get(USERS_VARIABLE, "").replace(",", " ").split()
    auth = auth_util.get_secrets_auth_section() if hosts.exposed else None
    if not auth:
        return None
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and "client_id" in value]
    providers = named if named and "client_id" not in auth else ["default", *named]
    if not auth_util.is_authlib_installed():
        raise SystemExit("secrets.toml: [auth] needs Authlib: pip install -r requirements-openid.txt")
    for provider in providers:
        try:
            auth_util.validate_auth_credentials(provider)
        except StreamlitAuthError as error:
            raise SystemExit(f"secrets.toml: {' '.join(str(error).split())}") from None
    if len(get_cookie_secret()) < _SHORTEST_SECRET:
        raise SystemExit(f"secrets.toml: auth.cookie_secret has fewer than {_SHORTEST_SECRET} characters, so that "
                         "others could forge logins: give a random one")
    return OpenId(providers, _origin(auth_util.get_redirect_uri(auth) or "", hosts, port),
                  [name.lower() if "@" in name else name for name in users])


def _origin(redirect: str, hosts: Hosts, port: int) -> str:
    parts = urlsplit(redirect)
    if parts.scheme not in ("http", "https") or parts.path != _CALLBACK:
        raise SystemExit(f"secrets.toml: auth.redirect_uri is {redirect!r}, but must be the dashboard's address with "
                         f"{_CALLBACK}")
    if not hosts.allow(parts.netloc.lower(), port, parts.scheme):
        raise SystemExit(f"secrets.toml: auth.redirect_uri leads to {parts.netloc!r}, which is not a host of this "
                         f"dashboard: start it with {HOSTS_VARIABLE}={parts.netloc}, or correct the address")
    return f"{parts.scheme}://{parts.netloc}"


def _decoded(cookies: Mapping[str, str], name: str) -> bytes | None:
    value = cookies.get(name)
    return decode_signed_value(get_cookie_secret(), name, value.encode("latin-1", "replace")) if value else None


def _back_to_what_was_wanted(connection: HTTPConnection) -> Response | None:
    """Streamlit ends a login at the first page: lead on to the one that was asked for before it."""
    name = _wanted_cookie(connection)
    wanted = connection.cookies.get(name, "")
    if connection.scope["path"] != "/" or not wanted:
        return None
    answer = RedirectResponse(f"/{unquote(wanted).lstrip('/')}", 303)
    answer.delete_cookie(name)
    return answer


def _address(connection: HTTPConnection, more: Mapping[str, str]) -> str:
    """The address that was asked for, on this host, with another choice of provider."""
    kept = [(key, value) for key, value in connection.query_params.multi_items() if key != _CHOICE]
    query = urlencode([*kept, *more.items()])
    return f"/{connection.scope['raw_path'].decode('latin-1').lstrip('/')}{'?' * bool(query)}{query}"


def _wanted_cookie(connection: HTTPConnection) -> str:
    return f"darkroom-wanted-{port_of(connection)}"


def _caption(provider: str) -> str:
    return "Log in" if provider == "default" else f"Log in with {provider}"
