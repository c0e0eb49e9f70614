"""Which hosts and origins are the dashboard's own."""

import pytest

from app.server.hosts import Hosts, hosts_of

LOCAL = Hosts("127.0.0.1")
OPEN = Hosts("0.0.0.0")


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "LOCALHOST:8501", "[::1]:8501", "localhost.:8501",
                                  "127.0.0.2:8501"])
def test_a_local_dashboard_answers_to_loopback_on_its_own_port(host: str) -> None:
    assert LOCAL.allow(host, 8501)


@pytest.mark.parametrize("host", [
    "", "evil.example:8501", "evil.example", "localhost", "localhost:8502", "192.168.1.7:8501",
    "127.0.0.1.evil.example:8501",
    "localhost.evil.example:8501", "127.0.0.1:8501@evil.example", "a@127.0.0.1:8501", "127.0.0.1:8501/x", "[::1:8501",
    "127.0.0.1:port", "127.0.0.1:99999999", "2130706433:8501", "0.0.0.0:8501", "127.0.0.1:8501?", "127.0.0.1 :8501",
    "localhost..:8501", "127.1:8501", "[::ffff:127.0.0.1]:8501", "localhost:+8501", "127.0.0.1.nip.io:8501",
    "127.0.0.1:8501, evil.example"])
def test_and_to_nothing_else(host: str) -> None:
    assert not LOCAL.allow(host, 8501)


def test_an_open_dashboard_answers_to_addresses_but_to_no_foreign_name() -> None:
    assert OPEN.allow("192.168.1.7:8501", 8501) and OPEN.allow("[fe80::1]:8501", 8501)
    assert not OPEN.allow("evil.example:8501", 8501) and not OPEN.allow("192.168.1.7:8502", 8501)


def test_default_ports_are_not_written() -> None:
    assert LOCAL.allow("localhost", 80) and LOCAL.allow("localhost", 443, "https") and not LOCAL.allow("localhost", 443)


def test_named_hosts_serve_a_proxy_and_a_forwarded_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOSTS", "Darkroom.Example.org, localhost:9000")
    hosts = hosts_of("127.0.0.1")
    assert hosts.exposed
    named = "darkroom.example.org"
    assert all(hosts.allow(host, 8501) for host in (named, f"{named}:443", "localhost:9000"))
    assert not any(hosts.allow(host, 8501) for host in (f"{named}:9", f"a.{named}", "localhost:9001"))


@pytest.mark.parametrize(("address", "exposed"), [
    ("127.0.0.1", False), ("localhost", False), ("::1", False), ("[::1]", False), ("unix:///run/darkroom", False),
    (None, True), ("", True), ("0.0.0.0", True), ("::", True), ("192.168.1.7", True), ("lab7", True)])
def test_only_loopback_is_not_exposed(address: str | None, exposed: bool) -> None:
    assert hosts_of(address).exposed is exposed


def test_a_forwarded_port_exposes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_HOSTS", "localhost:9000")
    assert not hosts_of("127.0.0.1").exposed


@pytest.mark.parametrize(("origin", "own"), [
    ("http://localhost:8501", True), ("https://localhost:8501", True), ("http://LOCALHOST:8501", True),
    ("http://127.0.0.1:8501", False), ("http://localhost:8502", False), ("http://localhost", False), ("null", False),
    ("file://", False), ("http://evil.example:8501", False), ("http://localhost:8501.evil.example", False), ("", False),
    ("http://localhost:8501@evil.example", False), ("ftp://localhost:8501", False)])
def test_an_origin_is_own_when_it_is_the_host(origin: str, own: bool) -> None:
    assert LOCAL.allow_origin(origin, "localhost:8501") is own


def test_an_origin_behind_a_proxy_with_tls() -> None:
    assert LOCAL.allow_origin("https://darkroom.example.org", "darkroom.example.org")
