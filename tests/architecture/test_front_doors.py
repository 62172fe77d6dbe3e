"""Rules about imports that import-linter cannot state."""

from __future__ import annotations

from collections.abc import Iterable

import grimp
import pytest

from tests.architecture.sources import AREAS, CODE, DOMAIN

Import = tuple[str, str]  # who imports, and what

# Migrations keep to the models of their day; `database` names the model modules to Tortoise.
MAY_ENTER = ("taf_service.migrations", "taf_service.database")


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    graph = grimp.build_graph(*CODE, "tests", cache_dir=None)
    return [
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    ]


class TestEveryArea:
    def test_is_entered_by_its_front_door(self, imports: list[Import]) -> None:
        assert not trespasses(imports)

    @pytest.mark.parametrize(
        "importer",
        [
            "taf_service.plans.operations",
            "taf_service.core.work",
            "taf_service.app",
            "taf_service.cli",
            "taf_service.demo.story",
            "schema.teams.types",
            "notifications.messages.teams",
            "tests.stage",
            "tests.taf_service.plans.test_rules",
        ],
    )
    def test_notices_who_climbs_in_by_a_window(self, importer: str) -> None:
        assert trespasses([(importer, "taf_service.teams.models")])

    @pytest.mark.parametrize(
        ("importer", "imported"),
        [
            ("taf_service.plans.operations", "taf_service.teams"),
            ("taf_service.teams.operations", "taf_service.teams.models"),
            ("taf_service.teams", "taf_service.teams.models"),
            ("tests.taf_service.teams.test_rules", "taf_service.teams.rules"),
            ("taf_service.migrations.0001_tables", "taf_service.teams.models"),
            ("taf_service.plans.operations", "taf_service.core.work"),
        ],
    )
    def test_lets_in_by_the_door(self, importer: str, imported: str) -> None:
        assert not trespasses([(importer, imported)])


class TestTheDomain:
    def test_knows_the_outbox_alone_of_notifications(self, imports: list[Import]) -> None:
        assert not transports(imports)

    def test_is_caught_with_any_other_part(self) -> None:
        assert transports([("taf_service.meetings.operations", "notifications.calendars")])
        assert not transports([("taf_service.core.work", "notifications.outbox")])
        assert not transports([("taf_service.demo.story", "notifications.calendars")])


def trespasses(imports: Iterable[Import]) -> list[str]:
    """Imports of a room inside an area from outside that area."""
    return sorted(
        f"{importer} -> {imported}"
        for importer, imported in imports
        if _is_room(imported)
        and _area(imported) != _area(importer.removeprefix("tests."))
        and not importer.startswith(MAY_ENTER)
    )


def transports(imports: Iterable[Import]) -> list[str]:
    """Imports by the domain of anything in `notifications` but the outbox."""
    return sorted(
        f"{importer} -> {imported}"
        for importer, imported in imports
        if _area(importer) in DOMAIN
        and imported.startswith("notifications.")
        and imported != "notifications.outbox"
    )


def _is_room(module: str) -> bool:
    return _area(module) in AREAS and module.count(".") > 1


def _area(module: str) -> str | None:
    """`teams` for anything in `taf_service.teams`."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "taf_service" else None
