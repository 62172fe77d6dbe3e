"""The one source of ids and tokens, so that tests can compare two worlds byte by byte."""

from __future__ import annotations

import secrets
from uuid import UUID


def new_id() -> UUID:
    """A random id (RFC 9562 5.4): it tells neither order nor time."""
    return UUID(bytes=secrets.token_bytes(16), version=4)
