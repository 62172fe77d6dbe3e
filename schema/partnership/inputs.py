"""What the mutations about authorities take."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from schema.inputs import given, key, read_version
from schema.scalars import Key, Line, Text, Version


@strawberry.input(description="What an authority sets differently from now on.")
class ChangeSettingsInput:
    authority_id: strawberry.ID = given("Whose settings they are.")
    changes: JSON = given(
        'The settings that change, in the shape of `values`: `{"reviews": {"interval_days": 28}}`.'
        " What is left out stays as it is; a list is replaced as a whole."
    )
    reason: Text = given("Why; kept with the settings.")
    version: Version = read_version("settings")
    idempotency_key: Key | None = key()


@strawberry.input(description="A part of an authority's area.")
class AddLocalityInput:
    authority_id: strawberry.ID = given("Whose area it is a part of.")
    name: Line = given("What the locality is called, at most 120 characters.")
    idempotency_key: Key | None = key()
