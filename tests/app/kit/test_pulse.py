"""Browsers are told of a change at once, and of nothing otherwise."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from starlette.requests import Request

from app.kit.pulse import wait_for_change
from engine.store import Store


def _ask(query: str) -> tuple[str, float]:
    """The answer, and the seconds it took."""
    async def receive() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "method": "GET", "query_string": query.encode(), "headers": []}, receive)
    started = time.monotonic()
    answer = asyncio.run(wait_for_change(request))
    return bytes(answer.body).decode(), time.monotonic() - started


def test_who_knows_nothing_is_answered_at_once(home: Path) -> None:
    version = Store.open().version()
    answer, seconds = _ask("")
    assert answer == str(version)
    assert seconds < 1


def test_without_a_change_the_answer_waits(home: Path) -> None:
    version = Store.open().version()
    answer, seconds = _ask(f"since={version}&within=0.5")
    assert answer == str(version)
    assert 0.5 <= seconds < 3


def test_a_change_is_told_when_it_happens(home: Path) -> None:
    store = Store.open()
    version = store.version()
    threading.Timer(0.3, lambda: store.settings.set("cpu_slots", 2)).start()
    answer, seconds = _ask(f"since={version}&within=5")
    assert answer == str(store.version()) != str(version)
    assert seconds < 3


def test_a_nonsense_request_is_answered(home: Path) -> None:
    Store.open()
    assert _ask("since=abc&within=soon")[0].isdigit()
