"""Pages made of templates: everything in them is escaped, and nothing runs in them."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse, Response

HERE = Path(__file__).parent

_STYLE = (HERE / "templates" / "page.css").read_text()
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.globals["style"] = _STYLE


def page(template: str, *, status: int = 200, policy: str = _POLICY, **values: Any) -> Response:
    """The page. Its one style is allowed by its hash, and nothing else unless `policy` says so."""
    return HTMLResponse(
        _TEMPLATES.get_template(template).render(**values),
        status,
        {"content-security-policy": policy},
    )
