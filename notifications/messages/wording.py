"""How words are put: each message from a pair of files, for people who read text and for others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from notifications.addresses import check_line

# Every message carries it, whatever it is about, so that its presence says nothing.
NOTICES = "There may be notices about meetings for you to read when you sign in."


def worded(template: str, said: Mapping[str, Any]) -> tuple[str, str]:
    """The text and the page of `template`; both say the same."""
    return written(f"{template}.txt", said), written(f"{template}.html", said)


def written(file: str, said: Mapping[str, Any]) -> str:
    """Errors: `Malformed` for a value that would begin a line of its own, or hide another."""
    for name, value in said.items():
        if isinstance(value, str) and value:
            check_line(value, what=f"What stands for {name}")
    return _TEMPLATES.get_template(file).render({"notices": NOTICES, **said})


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
