"""Slow and endless heads of requests, against the real server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from taf_service.demo.processes import free_port
from taf_service.web import heads
from taf_service.web.heads import BoundedHeads

Wire: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ANSWER: list[Message] = [
    {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]},
    {"type": "http.response.body", "body": b"ok"},
]
GET = b"GET / HTTP/1.1\r\nhost: taf.example\r\n"


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    if scope["path"] == "/slow":
        await asyncio.sleep(4 * heads.HEAD_SECONDS)
    for message in ANSWER:
        await send(message)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_SECONDS", 0.1)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    port = free_port(0)
    server = uvicorn.Server(
        uvicorn.Config(
            application, port=port, http=BoundedHeads, lifespan="off", log_config=None, workers=1
        )
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    for _ in range(500):
        if server.started:
            break
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def all_said(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server hangs up."""
    return await asyncio.wait_for(reader.read(), 20)


class TestAHead:
    async def test_that_never_comes_ends_the_connection(self, port: int) -> None:
        async with connected(port) as (reader, _):
            assert (await all_said(reader)).startswith(b"HTTP/1.1 408 ")

    async def test_that_stays_unfinished_ends_the_connection(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(GET)
            assert (await all_said(reader)).startswith(b"HTTP/1.1 408 ")

    async def test_that_stays_unfinished_after_another_ends_the_connection(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(GET + b"\r\n")
            assert b"200 OK" in await reader.readuntil(b"ok")
            writer.write(GET)
            assert (await all_said(reader)).startswith(b"HTTP/1.1 408 ")

    async def test_that_never_ends_is_not_kept(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(GET)
            for number in range(50):
                writer.write(f"x{number}: ".encode() + b"y" * 4_096 + b"\r\n")
            assert b"HTTP/1.1 431 " in await all_said(reader)

    async def test_in_pieces_is_read(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            for piece in (GET[:10], GET[10:], b"\r\n"):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            assert b"200 OK" in await reader.readuntil(b"ok")

    async def test_begun_before_the_answer_to_another_waits_for_it(self, port: int) -> None:
        async with connected(port) as (reader, writer):
            writer.write(b"GET /slow HTTP/1.1\r\nhost: taf.example\r\n\r\n" + GET)
            said = await all_said(reader)
            assert said.startswith(b"HTTP/1.1 200 ")
            assert b"HTTP/1.1 408 " in said
