"""Pages that show what the mail catcher caught. They read, and run no script.

What arrived may be hostile: every word is escaped, a message's HTML is shut in a frame that may do
nothing, and the source goes out as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from taf_service.demo.caught import LONDON, CaughtMessage

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # A frame with `srcdoc` obeys this too, so styles of a message work and nothing is fetched.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_LINK = re.compile(r"https?://[^\s<>\"']+")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def routes(prefix: str, messages: Callable[[], list[CaughtMessage]]) -> Sequence[BaseRoute]:
    """`{prefix}/` lists, `{prefix}/{number}` shows, `{prefix}/{number}/source` gives the bytes."""

    # Not coroutines: Starlette runs them in a thread, where reading files holds nobody up.
    def show_list(_: Request) -> Response:
        return _page("caught_list.html", prefix=prefix, messages=messages()[::-1], zone=LONDON)

    def show_message(request: Request) -> Response:
        message = _named(request, messages())
        view = message.view()
        links = list(dict.fromkeys(_LINK.findall(view.text or "")))
        return _page(
            "caught_message.html",
            prefix=prefix,
            message=message,
            view=view,
            links=links,
            zone=LONDON,
        )

    def show_source(request: Request) -> Response:
        content = _named(request, messages()).path.read_bytes()
        return Response(content, media_type="text/plain", headers=_HEADERS)

    return [
        Route(f"{prefix}/", show_list, methods=["GET"]),
        Route(f"{prefix}/{{number}}", show_message, methods=["GET"]),
        Route(f"{prefix}/{{number}}/source", show_source, methods=["GET"]),
    ]


def _named(request: Request, messages: Sequence[CaughtMessage]) -> CaughtMessage:
    for message in messages:
        if str(message.number) == request.path_params["number"]:
            return message
    raise HTTPException(404)


def _page(template: str, **values: object) -> Response:
    page = _templates.get_template(template).render(values)
    # Half a surrogate pair can be written in a message but not sent in a page.
    return Response(page.encode(errors="replace"), media_type="text/html", headers=_HEADERS)
