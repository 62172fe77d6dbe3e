"""The media types of requests and answers (GraphQL over HTTP, "Media Types")."""

from __future__ import annotations

from functools import lru_cache

RESPONSE_JSON, JSON = "application/graphql-response+json", "application/json"
_LONGEST = 1_000  # browsers send some 200 characters
_UTF_8 = frozenset({"utf-8", "utf8"})


@lru_cache(maxsize=256)
def negotiate(accept: str | None) -> str | None:
    """The media type to answer in (RFC 9110 12.5.1), or None when nothing fits.

    Whoever has no preference gets `application/json`, as every client before the specification did.
    """
    if not accept:
        return JSON
    if len(accept) > _LONGEST:
        return None
    weights = _weights(accept)
    named = [name for name in weights if name in (JSON, RESPONSE_JSON)]
    best = max((*named, JSON, RESPONSE_JSON), key=lambda name: _weight(weights, name))
    return best if _weight(weights, best) > 0 else None


def _weights(accept: str) -> dict[str, float]:
    """What the client says of each range, in the order in which it names them."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        given = dict(_parameter(parameter) for parameter in parameters)
        if given.get("charset", "utf-8") in _UTF_8:
            weights.setdefault(name, _quality(given.get("q", "1")))
    return weights


def _weight(weights: dict[str, float], name: str) -> float:
    """The most specific range that fits decides, even when it says no."""
    for fitting in (name, "application/*", "*/*"):
        if fitting in weights:
            return weights[fitting]
    return 0.0


def _quality(written: str) -> float:
    try:
        return min(1.0, max(0.0, float(written)))
    except ValueError:
        return 0.0


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Whether a body is JSON in UTF-8, which no form of a page can send unasked."""
    name, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    given = dict(_parameter(parameter) for parameter in parameters)
    return name == JSON and given.get("charset", "utf-8") in _UTF_8


def _parameter(written: str) -> tuple[str, str]:
    name, _, value = written.partition("=")
    return name.strip(), value.strip().strip('"')
