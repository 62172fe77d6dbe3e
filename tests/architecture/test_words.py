"""Words that must not stand in the repository: empty names, promises, one machine's own places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture.sources import CODE, Source, breaches, kept_files, python

EMPTY_NAMES = {
    "base", "common", "helper", "helpers", "manager", "managers", "service", "services", "util",
    "utils",
}  # fmt: skip

EVERYWHERE = (*CODE, "tests", "bench")

# A letter in brackets, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K]|NotImplemented[E]rror)\b")
SKIPPED = re.compile(r"\b(pytest\.(skip|importorskip|xfail)|mark\.(skip|xfail)\w*)\b")
ONE_MACHINE = re.compile(
    r"(?<![\w.-])/(work|farm|root|opt|tmp|home/\w+|Users/\w+)/"
    r"|\b(pypi\.org/simple|files\.pythonhosted\.org|registry\.npmjs\.org)"
    r"|\b(deb|security)\.debian\.org"
)


class TestEveryModule:
    def test_has_a_name_that_says_what_is_in_it(self) -> None:
        assert not breaches(emptily_named, python(*EVERYWHERE))

    @pytest.mark.parametrize(
        "path", ["schema/utils.py", "taf_service/teams/helpers/a.py", "taf_service/mail_service.py"]
    )
    def test_is_caught_with_an_empty_one(self, path: str) -> None:
        assert list(emptily_named(Source(path, "")))

    @pytest.mark.parametrize(
        "path", ["taf_service/database.py", "taf_service/core/work.py", "tests/taf_service/a.py"]
    )
    def test_is_left_alone_with_a_good_one(self, path: str) -> None:
        assert not list(emptily_named(Source(path, "")))


class TestEveryPythonFile:
    def test_is_finished(self) -> None:
        assert not breaches(unfinished, python(*EVERYWHERE))

    @pytest.mark.parametrize("word", ["TO~DO", "FIX~ME", "XX~X", "HA~CK", "NotImplemented~Error"])
    def test_is_caught_promising(self, word: str) -> None:
        assert list(unfinished(Source("schema/a.py", f"x = 1\n# {whole(word)}: later\n")))
        assert not list(unfinished(Source("schema/a.py", f"x = 'a{whole(word)}b'\n")))


class TestEveryTest:
    def test_runs(self) -> None:
        assert not breaches(skipped, python("tests"))

    @pytest.mark.parametrize(
        "words", ["pytest.sk~ip('slow')", "pytest.importor~skip('x')", "@pytest.mark.x~fail"]
    )
    def test_is_caught_when_it_does_not(self, words: str) -> None:
        assert list(skipped(Source("tests/test_a.py", whole(words))))
        assert not list(skipped(Source("tests/test_a.py", "pytest.mark.parametrize")))


class TestEveryKeptFile:
    def test_is_at_home_on_any_machine(self) -> None:
        assert not breaches(tied_to_one_machine, kept_files())

    @pytest.mark.parametrize(
        "words",
        [
            "cd /wo~rk/main",
            "url = 'file:///o~pt/wheels/'",
            "--index-url https://pypi.org/sim~ple",
            "/ho~me/sam/taf",
            "https://registry.npmjs.o~rg/govuk",
        ],
    )
    def test_is_caught_when_it_is_not(self, words: str) -> None:
        assert list(tied_to_one_machine(Source("README.md", whole(words))))

    @pytest.mark.parametrize(
        "words", ["teams/work/plan", "#!/usr/bin/env bash", "https://pypi.org"]
    )
    def test_may_name_what_every_machine_has(self, words: str) -> None:
        assert not list(tied_to_one_machine(Source("README.md", words)))


def whole(word: str) -> str:
    """A sample put together, for this file is read like any other."""
    return word.replace("~", "")


def emptily_named(source: Source) -> Iterator[str]:
    inside = (PurePosixPath(part).stem for part in source.parts if part != "taf_service")
    if any(EMPTY_NAMES & set(name.split("_")) for name in inside):
        yield source.at(1, "name the module after what is in it")


def unfinished(source: Source) -> Iterator[str]:
    return _lines_with(UNFINISHED, source, "finish it, or leave it out")


def skipped(source: Source) -> Iterator[str]:
    return _lines_with(SKIPPED, source, "a test that does not run proves nothing")


def tied_to_one_machine(source: Source) -> Iterator[str]:
    return _lines_with(ONE_MACHINE, source, "holds on one machine only")


def _lines_with(pattern: re.Pattern[str], source: Source, words: str) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        if pattern.search(line):
            yield source.at(number, words)
