"""Limits on the tail: long files and long functions are where rules go to hide."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from tests.architecture.sources import Source, breaches, code

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 8
LONG_FUNCTION = 25  # the 95th percentile

_SQL = re.compile(
    r"^\s*(with|select|insert|update|delete|create|alter|drop|grant|revoke|do)\b"
    r"|\bselect\b.+\bfrom\b",
    re.IGNORECASE | re.DOTALL,
)


class TestEveryFile:
    def test_is_short(self) -> None:
        assert not breaches(too_long, code())

    def test_is_measured_without_its_sql(self) -> None:
        line = "x = 1\n"
        query = 'QUERY = """\nselect id\nfrom team\n"""\n'

        assert not list(too_long(Source("schema/a.py", line * LONGEST_FILE)))
        assert list(too_long(Source("schema/a.py", line * (LONGEST_FILE + 1))))
        assert not list(too_long(Source("schema/a.py", line * LONGEST_FILE + query)))

    def test_pays_for_its_prose(self) -> None:
        prose = '"""Select a team\nfrom the list.\n"""\n'

        assert list(too_long(Source("schema/a.py", prose + "x = 1\n" * LONGEST_FILE)))


class TestEveryFunction:
    def test_fits_on_a_screen(self) -> None:
        assert not breaches(overgrown, code())

    def test_is_caught_when_it_does_not(self) -> None:
        assert list(overgrown(Source("schema/a.py", function_of(LONGEST_FUNCTION + 1))))
        assert not list(overgrown(Source("schema/a.py", function_of(LONGEST_FUNCTION))))


class TestFunctionsTogether:
    def test_are_mostly_small(self) -> None:
        assert not out_of_proportion([lines for source in code() for _, lines in sizes(source)])

    def test_are_caught_when_half_or_one_in_twenty_is_long(self) -> None:
        small, middling, long = (
            MEDIAN_FUNCTION,
            MEDIAN_FUNCTION + 1,
            LONG_FUNCTION + 1,
        )

        assert out_of_proportion([small] * 10 + [middling] * 11)
        assert out_of_proportion([small] * 18 + [long] * 2)
        assert not out_of_proportion([small] * 19 + [long])


def function_of(lines: int) -> str:
    return "async def convene():\n" + "    x = 1\n" * (lines - 1)


def too_long(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines()) - len(_sql_lines(source.tree))
    if lines > LONGEST_FILE:
        yield source.at(1, f"{lines} lines: make it a package with one file per verb")


def overgrown(source: Source) -> Iterator[str]:
    for node, lines in sizes(source):
        if lines > LONGEST_FUNCTION:
            yield source.at(node.lineno, f"{node.name} has {lines} lines")


def out_of_proportion(lengths: Sequence[int]) -> list[str]:
    """What is wrong with the lengths as a whole; nothing where there are no functions yet."""
    ordered = sorted(lengths) or [0]
    middle, tail = median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    found = [f"half of the functions have more than {middle} lines"] * (middle > MEDIAN_FUNCTION)
    return found + [f"one function in twenty has {tail} lines or more"] * (tail > LONG_FUNCTION)


def sizes(source: Source) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Each function with its lines, from `def` to the end, docstring included and SQL left out."""
    tree = source.tree
    sql = _sql_lines(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, len(_lines_of([node]) - sql)


def _sql_lines(tree: ast.Module) -> set[int]:
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return _lines_of(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and id(node) not in prose
        and _SQL.search(_words(node))
    )


def _words(node: ast.expr) -> str:
    parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return "".join(part for part in parts if isinstance(part, str))


def _lines_of(nodes: Iterable[ast.expr | ast.stmt]) -> set[int]:
    return {
        line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
