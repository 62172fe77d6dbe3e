"""Ways in that nobody should find open: other methods, other addresses, other tokens."""

from __future__ import annotations

from tests.security.noninterference.watching import Watcher

_PATHS = ("/live", "/ready", "/graphql", "/r/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "/nowhere")
_ME = b'{"query": "{ me { __typename id: name } }"}'
_BODIES = (b"", b"{", b"[]", b'{"query": 1}', b'{"query": "{ __typename"}', _ME)


async def every_door(watcher: Watcher) -> None:
    for path in _PATHS:
        for method in ("GET", "HEAD", "OPTIONS", "DELETE", "POST"):
            await watcher.fetch(f"{method} {path}", method, path)
    for number, body in enumerate(_BODIES):
        await watcher.fetch(f"body {number}", "POST", "/graphql", body)
        await watcher.fetch(
            f"body {number}, negotiated",
            "POST",
            "/graphql",
            body,
            accept="application/graphql-response+json",
        )
