"""Connections that ask for nothing are closed; those that ask are served, however many there are of the others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.server import connections

Connect = Callable[[], Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[Connect]:
    """What connects to a server of its own in this process."""
    config = uvicorn.Config(PlainTextResponse("here"), port=0, log_level="critical", lifespan="off",
                            http=connections.CountedConnection)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield lambda: asyncio.open_connection("127.0.0.1", port)
    server.should_exit = server.force_exit = True
    await task


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    with contextlib.suppress(ConnectionResetError):
        return await reader.read(1) == b""
    return True


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n", ASK, ASK + b"GET"],
                         ids=["nothing", "half a line", "half a header", "kept alive", "half of the next"])
def test_who_does_not_ask_in_time_is_cut_off(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_SECONDS_FOR_A_REQUEST", 0.3)

    async def ask() -> None:
        async with served() as connect:
            reader, writer = await connect()
            writer.write(sent)
            if sent.startswith(ASK):
                assert (await reader.readuntil(b"here")).startswith(b"HTTP/1.1 200")
            assert await asyncio.wait_for(_is_closed(reader), 5)
            assert not connections._idle

    asyncio.run(ask())


def test_a_header_that_trickles_in_gains_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_SECONDS_FOR_A_REQUEST", 0.3)

    async def ask() -> None:
        async with served() as connect:
            reader, writer = await connect()
            closed = asyncio.create_task(_is_closed(reader))
            for byte in ASK * 100:
                if closed.done():
                    break
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)
            assert await closed

    asyncio.run(ask())


def test_a_crowd_that_asks_nothing_makes_room_and_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST_IDLE", 5)
    monkeypatch.setattr(connections, "_SECONDS_OF_GRACE", 0.0)

    async def ask() -> None:
        async with served() as connect:
            crowd = [await connect() for _ in range(20)]
            reader, writer = await connect()
            writer.write(ASK)
            assert (await asyncio.wait_for(reader.readuntil(b"here"), 5)).startswith(b"HTTP/1.1 200")
            assert all([await asyncio.wait_for(_is_closed(reader), 5) for reader, _ in crowd[:15]])
            assert sum(map(len, connections._idle.values())) <= 6

    asyncio.run(ask())


def test_many_who_ask_at_once_are_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MOST_IDLE", 2)

    async def one(connect: Connect) -> bytes:
        reader, writer = await connect()
        writer.write(ASK)
        return (await reader.readuntil(b"here"))[:15]

    async def ask() -> None:
        async with served() as connect:
            assert await asyncio.gather(*(one(connect) for _ in range(50))) == [b"HTTP/1.1 200 OK"] * 50

    asyncio.run(ask())

