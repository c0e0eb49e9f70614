"""Login by token, asked for when other machines can reach the dashboard."""

import hmac
import os
import secrets
import time
from collections import OrderedDict
from typing import Any

TOKEN_VARIABLE = "DARKROOM_TOKEN"
_SHORTEST_TOKEN = 16
_SESSION_SECONDS = 7 * 86_400
_SESSIONS = 1000
_ADDRESSES = 10_000
_LONGEST_WAIT = 60.0
_FREE_FAILURES = 3


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


def _put(mapping: OrderedDict[str, Any], key: str, value: Any, most: int) -> None:
    """Put a value last, and drop the oldest beyond ``most``."""
    mapping[key] = value
    mapping.move_to_end(key)
    while len(mapping) > most:
        mapping.popitem(last=False)
