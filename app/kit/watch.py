"""The server's watch over its home: rows become true and queued runs start, whether or not a page is open."""

import asyncio

from app.kit.store import look_after_runs
from engine.crash_log import log_unexpected
from engine.errors import UserError

_EVERY = 3.0


async def keep_watch() -> None:
    """Look after the runs every few seconds, until cancelled."""
    while True:
        await asyncio.to_thread(_look)
        await asyncio.sleep(_EVERY)


def _look() -> None:
    try:
        look_after_runs()
    except UserError:
        pass  # every page says so
    except Exception as error:
        log_unexpected(error)
