"""Servers on this machine that take news as the services would: a webhook, and a mail server that speaks SMTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from typing import Any


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and the documents that were posted to it."""
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    with _serving(server) as got:
        yield f"json://127.0.0.1:{server.server_port}/hook", got


@contextmanager
def mailbox() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address, and the mails that came: sender, receivers, title and message, as the server was told them."""
    server = ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    port = server.server_address[1]
    with _serving(server) as got:
        yield f"mailto://127.0.0.1:{port}?from=lab@example.org&to=me@example.org&mode=insecure", got


@contextmanager
def _serving(server: BaseServer) -> Iterator[list[dict[str, Any]]]:
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.got  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.got.append(json.loads(self.rfile.read(length)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class _Mail(StreamRequestHandler):
    """As much of RFC 5321 as one mail takes: each command is answered, and text ends with a line of one dot."""

    def handle(self) -> None:
        self._say("220 ready")
        envelope: dict[str, Any] = {"to": []}
        for line in iter(self.rfile.readline, b""):
            command, _, value = line.decode().strip().partition(":")
            if command.upper() == "DATA":
                self._say("354 go on")
                self._keep(envelope)
            elif command.upper() == "MAIL FROM":
                envelope["from"] = value.split()[0]
            elif command.upper() == "RCPT TO":
                envelope["to"].append(value)
            self._say("221 bye" if command.upper() == "QUIT" else "250 well")

    def _keep(self, envelope: dict[str, Any]) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        mail = message_from_bytes(b"".join(line.removeprefix(b".") for line in lines), policy=policy.default)
        body = mail.get_body(("plain", "html"))
        assert body is not None
        self.server.got.append(envelope | {  # type: ignore[attr-defined]
            "title": str(mail["Subject"]), "message": body.get_content()})

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
