"""What code may not do: swallow every error, read the clock, throw dice."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.sources import DOMAIN, Source, breaches, code, python

MAY_CATCH_EVERYTHING = {
    "notifications/worker.py",  # the loop outlives one bad message
    "schema/execute.py",  # the mask: nothing of an unforeseen error leaves the service
    "taf_service/web/graphql/endpoint.py",  # the same for what goes wrong around an answer
}
MAY_REACH_OUTSIDE = {
    ("taf_service/core/ids.py", "secrets"),  # the one source of ids
    ("taf_service/access/tokens.py", "time.time"),  # a token is judged before there is any work
}

_EVERYTHING = {"Exception", "BaseException"}
_CHANCE = {"random", "secrets"}
_OUTSIDE = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "uuid.uuid1", "uuid.uuid4", "os.urandom", "os.environ", "os.getenv",
}  # fmt: skip
_OUTSIDE_BY_NAME = {"uuid1", "uuid4", "urandom", "environ", "getenv"}


class TestErrors:
    def test_are_caught_by_name(self) -> None:
        assert not breaches(catches_everything, [*code(), *python("tests", "bench")])

    @pytest.mark.parametrize(
        "sample",
        [
            "try: pass\nexcept: pass",
            "try: pass\nexcept Exception: pass",
            "try: pass\nexcept (ValueError, BaseException) as error: pass",
            "try: pass\nexcept* Exception: pass",
            "with contextlib.suppress(Exception): pass",
            "with suppress(ValueError, builtins.Exception): pass",
        ],
    )
    def test_are_not_caught_all_at_once(self, sample: str) -> None:
        assert list(catches_everything(Source("schema/a.py", sample)))
        assert not list(catches_everything(Source("notifications/worker.py", sample)))

    def test_may_be_caught_several_at_a_time(self) -> None:
        sample = "try: pass\nexcept (ValueError, SMTPException): pass"

        assert not list(catches_everything(Source("schema/a.py", sample)))


class TestTheDomain:
    def test_takes_time_and_chance_from_its_work(self) -> None:
        assert not breaches(reaches_outside, domain())

    @pytest.mark.parametrize(
        "sample",
        [
            "datetime.now(UTC)",
            "datetime.datetime.now()",
            "date.today()",
            "default = datetime.now",
            "uuid4()",
            "uuid.uuid4()",
            "from uuid import UUID, uuid4",
            "import random",
            "import secrets as chance",
            "from random import choice",
            "from os import environ",
            "os.environ['TZ']",
            "time.time()",
        ],
    )
    def test_is_caught_with_a_clock_or_dice(self, sample: str) -> None:
        assert list(reaches_outside(Source("taf_service/teams/rules.py", sample)))

    @pytest.mark.parametrize("sample", ["work.today()", "work.now", "from uuid import UUID"])
    def test_may_ask_its_work(self, sample: str) -> None:
        assert not list(reaches_outside(Source("taf_service/teams/rules.py", sample)))

    def test_has_one_source_of_ids(self) -> None:
        assert not list(reaches_outside(Source("taf_service/core/ids.py", "import secrets")))
        assert list(reaches_outside(Source("taf_service/core/ids.py", "import random")))
        assert list(reaches_outside(Source("taf_service/core/work.py", "import secrets")))


def domain() -> list[Source]:
    return [
        source
        for source in code()
        if source.parts[0] == "taf_service" and source.parts[1] in DOMAIN
    ]


def catches_everything(source: Source) -> Iterator[str]:
    if source.path in MAY_CATCH_EVERYTHING:
        return
    for node in ast.walk(source.tree):
        if _catches_everything(node):
            yield source.at(getattr(node, "lineno", 1), "name the errors that are expected here")


def _catches_everything(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.type is None or _names_everything([node.type])
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return _names_everything(node.args)
    return False


def _names_everything(nodes: list[ast.expr]) -> bool:
    inner = (part for node in nodes for part in ast.walk(node))
    return any(_last_name(part) in _EVERYTHING for part in inner)


def reaches_outside(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        for name in _outside(node):
            if (source.path, name) not in MAY_REACH_OUTSIDE:
                yield source.at(getattr(node, "lineno", 1), f"{name}: `work` has the time and ids")


def _outside(node: ast.AST) -> Iterable[str]:
    """The clocks, dice and surroundings that `node` itself names."""
    if isinstance(node, ast.Import):
        return _CHANCE & {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return (_CHANCE & {node.module}) or (_OUTSIDE_BY_NAME & {a.name for a in node.names})
    if isinstance(node, ast.Attribute):
        return _OUTSIDE & {f"{_last_name(node.value)}.{node.attr}"}
    return _OUTSIDE_BY_NAME & {_last_name(node)}


def _last_name(node: ast.AST) -> str | None:
    """`now` for both `now` and `datetime.now`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
