"""The head of a request, bounded in bytes and seconds: uvicorn itself would wait for ever."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 * 1024

_ENDED = b"content-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _ENDED
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _ENDED


class BoundedHeads(HttpToolsProtocol):
    """Ends a connection whose next request does not begin properly.

    A head that arrives in one piece, as nearly all do, costs no timer.
    """

    _in_head = True
    _head_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_head = False
        self._watch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_bytes > HEAD_BYTES:
            self._end(_TOO_LARGE)
            return
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
        self._watch()

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def _watch(self) -> None:
        if self._in_head and self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        elif self._timer is not None and not self._in_head:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.cycle is None or self.cycle.response_complete:
            self._end(_TOO_SLOW)
        else:
            self._watch()  # an answer is still on its way to whoever already sends the next request

    def _end(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
