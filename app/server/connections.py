"""Connections without a request: how many an address may hold, and for how long.

uvicorn knows neither limit, and an application hears of a connection only when its first request is complete.
"""

import asyncio
import resource
from collections import defaultdict
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from app.server.answers import counted_address

_MOST_IDLE = 64
_SECONDS_FOR_A_REQUEST = 10.0
_SECONDS_OF_GRACE = 1.0
_idle: defaultdict[str, dict["CountedConnection", asyncio.TimerHandle]] = defaultdict(dict)


class CountedConnection(AutoHTTPProtocol):  # type: ignore[valid-type, misc]
    """A connection that is closed if no request comes: in time, or before many others of its address wait for one.

    No new connection is refused: it takes the place of the one that has waited longest, if that has had time to ask.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._busy():
            self._stop_waiting()

    def handle_websocket_upgrade(self, *event: Any) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade(*event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._busy() and not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        others = _idle[counted_address(self.client)]
        others[self] = self.loop.call_later(_SECONDS_FOR_A_REQUEST, self._give_up)
        latest_end = self.loop.time() + _SECONDS_FOR_A_REQUEST - _SECONDS_OF_GRACE
        for connection, timer in list(others.items())[:len(others) - _MOST_IDLE]:
            if timer.when() < latest_end:
                connection._give_up()

    def _stop_waiting(self) -> None:
        address = counted_address(self.client)
        timer = _idle[address].pop(self, None)
        if timer:
            timer.cancel()
        if not _idle[address]:
            del _idle[address]

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()


def limit_connections() -> None:
    """Make the server that is being started count its connections, and let it hold as many as the system allows."""
    # The server chose its class before it imported the application. It gets ours now when it makes one of its own.
    AutoHTTPProtocol.__new__ = lambda *_, **__: object.__new__(CountedConnection)  # type: ignore[method-assign]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
