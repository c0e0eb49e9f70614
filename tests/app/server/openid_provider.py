"""A small OpenID Connect provider on loopback: discovery, authorisation, token, keys."""

import contextlib
import http.server
import json
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "darkroom", "what the provider and the dashboard share"


class Provider(http.server.ThreadingHTTPServer):
    """``user``: what it says of whoever asks; it logs everybody in without a question.

    Attributes:
        signs_with: the key of its tokens; another one than ``key`` is a forger's.
        refuses: whether it lets nobody in.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.user: dict[str, Any] = {"sub": "7", "email": "ada@example.org", "email_verified": True}
        self.key = self.signs_with = RSAKey.generate_key(2048, {"kid": "first"})
        self.refuses = False
        self.codes: dict[str, dict[str, str]] = {}

    def token(self, code: str) -> dict[str, Any]:
        asked = self.codes.pop(code)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.user}
        return {"access_token": "a token for the provider", "token_type": "Bearer", "expires_in": 300,
                "id_token": jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.signs_with)}


class _Answers(http.server.BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        place, issuer = urlsplit(self.path), self.server.issuer
        asked = {key: values[0] for key, values in parse_qs(place.query).items()}
        if place.path == "/.well-known/openid-configuration":
            self._json({"issuer": issuer, "authorization_endpoint": f"{issuer}/authorize",
                        "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys",
                        "response_types_supported": ["code"],
                        "id_token_signing_alg_values_supported": ["RS256"], "subject_types_supported": ["public"],
                        "code_challenge_methods_supported": ["S256"]})
        elif place.path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif place.path == "/authorize":
            code = secrets.token_hex(8)
            self.server.codes[code] = asked
            said = {"error": "access_denied"} if self.server.refuses else {"code": code}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(said | {'state': asked['state']})}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._json(self.server.token(asked["code"][0]))

    def _json(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def provided() -> Iterator[Provider]:
    provider = Provider()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    yield provider
    provider.shutdown()
    provider.server_close()


def secrets_toml(provider: Provider, redirect: str, cookie_secret: str = "a secret of some length",
                 more: str = "") -> str:
    """What ``secrets.toml`` says for a dashboard at ``redirect``."""
    return f"""[auth]
redirect_uri = "{redirect}"
cookie_secret = "{cookie_secret}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
{more}
"""
