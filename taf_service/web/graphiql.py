"""GraphiQL, for exploring the demo: the npm package's own files, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from taf_service.web.pages import HERE, page

_PACKAGES = HERE / "node_modules"
FILES = {
    "react.js": _PACKAGES / "react" / "umd" / "react.production.min.js",
    "react-dom.js": _PACKAGES / "react-dom" / "umd" / "react-dom.production.min.js",
    "graphiql.js": _PACKAGES / "graphiql" / "graphiql.min.js",
    "graphiql.css": _PACKAGES / "graphiql" / "graphiql.min.css",
    "start.js": HERE / "templates" / "graphiql.js",
    "start.css": HERE / "templates" / "graphiql.css",
}
_LEAD = "demo-lead"
# Its fonts and pictures lie in its style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " font-src data:; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def is_installed() -> bool:
    return all(path.is_file() for path in FILES.values())


def graphiql_routes(tokens: Collection[str]) -> list[Route]:
    """The page under `/graphiql`, signed in with one of these invented tokens: the lead's."""
    token = _LEAD if _LEAD in tokens else next(iter(tokens), "")

    async def show(_request: Request) -> Response:
        if not is_installed():
            return page("no_graphiql.html", status=404)
        return page("graphiql.html", policy=_POLICY, token=token)

    return [Route("/graphiql", show), Route("/graphiql/{name}", _file)]


async def _file(request: Request) -> Response:
    path = FILES.get(request.path_params["name"])
    return FileResponse(path) if path and is_installed() else Response(status_code=404)
