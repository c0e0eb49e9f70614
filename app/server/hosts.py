"""Which hosts a request may name. A page of another site reaches this server only under another host or origin."""

import ipaddress
import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

HOSTS_VARIABLE = "DARKROOM_HOSTS"
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True)
class Hosts:
    """The hosts that the dashboard answers to.

    Attributes:
        address: what the server is bound to; empty: every interface.
        named: further hosts, each ``name`` or ``name:port``, as a proxy in front or a forwarded port needs them.
    """

    address: str
    named: Collection[str] = ()

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach the dashboard, by its address or through a named host."""
        return not is_loopback(self.address) or any(not is_loopback(_parts(host)[0]) for host in self.named)

    @property
    def shown(self) -> str:
        """A host for people: the first that was named, else where the server listens."""
        listens = self.address if self.address not in ("", "0.0.0.0", "::") else socket.gethostname()
        return next(iter(self.named), f"[{listens}]" if ":" in listens else listens)

    def allow(self, host: str, port: int, scheme: str = "http") -> bool:
        """Whether the server on this port answers a ``Host`` header.

        A rebound name resolves to this machine but stays a name, so addresses can be trusted where names cannot.
        """
        name, given = _parts(host)
        if not name:
            return False
        own = is_loopback(name) or (not is_loopback(self.address) and (name in _machine_names() or _is_address(name)))
        if own and (given or _DEFAULT_PORTS[scheme]) == port:
            return True
        return any(name == known and (given == wanted if wanted else given in (None, 80, 443, port))
                   for known, wanted in map(_parts, self.named))

    def allow_origin(self, origin: str, host: str) -> bool:
        """Whether an ``Origin`` header is the dashboard's own under this ``Host`` header."""
        scheme, _, place = origin.partition("://")
        if scheme not in ("http", "https"):
            return False
        (name, port), (own_name, own_port) = _parts(place), _parts(host)
        default = _DEFAULT_PORTS[scheme]
        return bool(name) and (name, port or default) == (own_name, own_port or default)


def hosts_of(address: str | None) -> Hosts:
    """The hosts of a server bound to ``address``, with those in ``DARKROOM_HOSTS``, separated by spaces or commas."""
    named = os.environ.get(HOSTS_VARIABLE, "").replace(",", " ").lower().split()
    return Hosts((address or "").strip("[]").lower(), tuple(named))


def is_loopback(name: str) -> bool:
    """Whether a host name or address is of this machine alone."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.startswith("unix:")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _machine_names() -> tuple[str, str]:
    return socket.gethostname().lower(), socket.getfqdn().lower()


def _parts(host: str) -> tuple[str, int | None]:
    """Name and port of a ``Host`` header; an empty name: the header is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        name, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return "", None
    whole = parts.netloc == host and parts.username is None
    return (name, port) if whole else ("", None)
