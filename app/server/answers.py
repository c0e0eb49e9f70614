"""What the gate answers by itself: a line of text, or the page that asks for a login."""

import html
import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive

_PAGE = Path(__file__).with_name("login.html").read_text()


class Guard(Protocol):
    """A login that everything behind the gate needs."""

    def announcement(self, address: str) -> str:
        """What the server prints as it starts, given its own address."""

    async def answer(self, connection: HTTPConnection, receive: Receive) -> Response | None:
        """What to answer instead of the dashboard; None: the visitor is logged in."""


def text(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{message[:500]}\n", status, headers)


def login_page(form: str, message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """The login page with this form, in which ``{message}`` stands for what went wrong."""
    shown = f"<p role=alert>{html.escape(message[:1].upper() + message[1:])}.</p>" if message else ""
    page = _PAGE.replace("{form}", form.replace("{message}", shown))
    return HTMLResponse(page, status, {"Cache-Control": "no-store"} | (headers or {}))


def port_of(connection: HTTPConnection) -> int:
    """The port that the request came in by; 0: the server listens on a file."""
    return (connection.scope.get("server") or ("", 0))[1] or 0


@lru_cache(maxsize=4096)
def _counted(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4 or ip.ipv4_mapped:
        return str(ip if ip.version == 4 else ip.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(ip) >> 64 << 64)}/64"


def counted_address(client: tuple[str, int] | None) -> str:
    """Whom a connection is counted for. Whoever has one address of an IPv6 network has all 2⁶⁴ of them."""
    return _counted(client[0] if client else "")
