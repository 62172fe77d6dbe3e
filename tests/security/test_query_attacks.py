"""Query attacks of the security design: each refused, cheaply, and nothing written.

What counts is the first attempt: afterwards the document may be known.
"""

from __future__ import annotations

import gc
import json
import time
from dataclasses import dataclass

import pytest
from starlette.types import ASGIApp

from schema import ids
from taf_service import access
from taf_service.app import create_app
from taf_service.database import Urls
from taf_service.web.graphql.media import JSON, RESPONSE_JSON
from tests.stage import ISSUER, Somebody, Stage
from tests.taf_service.web.client import ME, TOKEN, Answered, invented, raw, settings_of

SECONDS = 0.05
"""Of the processor, for one attempt."""
MEGABYTE = 1024 * 1024
SIGNED_IN = (b"authorization", f"Bearer {TOKEN}".encode())
TAKES = (b"accept", RESPONSE_JSON.encode())
ADD = "mutation ($input: AddLocalityInput!) { addLocality(input: $input) { __typename } }"


def asked(document: str, **others: object) -> bytes:
    return json.dumps({"query": document, **others}).encode()


def nested(levels: int) -> str:
    return "{ me " + "{ practitioner " * (levels - 2) + "{ id }" + " }" * (levels - 1)


def aliased(count: int, prefix: str = "a") -> str:
    return " ".join(f"{prefix}{n}: name" for n in range(count))


@dataclass(frozen=True)
class Attack:
    """A request, and how it is refused: with which status and code, or with which words."""

    body: bytes = b""
    status: int = 400
    code: str = "LIMIT_EXCEEDED"
    words: str = ""
    parts: int = 1
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: str | None = JSON
    method: str = "POST"
    query_string: bytes = b""
    read: int | None = None
    """How many parts of the body may be read at most."""

    async def on(self, app: ASGIApp) -> Answered:
        headers = [SIGNED_IN, TAKES, *self.headers]
        if self.content_type is not None:
            headers.append((b"content-type", self.content_type.encode()))
        size = -(-len(self.body) // self.parts) or 1
        parts = [self.body[at : at + size] for at in range(0, len(self.body), size)] or [b""]
        return await raw(
            app, *parts, method=self.method, query_string=self.query_string, headers=headers
        )


FAN_OUT = (
    "{ myFamilies(first: 100) { nodes { team { actions(first: 100) { nodes { team {"
    " actions(first: 100) { nodes { team { actions(first: 100) { nodes { id } } } } } } } } } } } }"
)
SPREAD = " ".join(
    f"fragment a{n} on Me {{ ...a{n + 1} ...a{n + 1} ...a{n + 1} }}" for n in range(25)
)
FORM = b"query=mutation+%7B+__typename+%7D"
MULTIPART = (
    b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n'
    b'{"query": "mutation { __typename }"}\r\n--x--\r\n'
)

ATTACKS = {
    "depth 30": Attack(asked(nested(30)), words="Too deep"),
    "1,000 aliases": Attack(asked("{ me { " + aliased(1_000) + " } }"), code="", words="Syntax"),
    "as many aliases as can be read": Attack(
        asked("{ me { " + aliased(600) + " } }"), words="aliases"
    ),
    "1,000 aliases of roots": Attack(
        asked("{ " + " ".join(f"a{n}: me {{ name }}" for n in range(300)) + " }"),
        words="root fields",
    ),
    "aliases through fragments": Attack(
        asked(
            "{ me { ...a ...b } } fragment a on Me { "
            + aliased(50)
            + " } fragment b on Me { "
            + aliased(50, "b")
            + " }"
        ),
        words="aliases",
    ),
    "fragment cycle": Attack(
        asked("{ me { ...a } } fragment a on Me { ...b } fragment b on Me { ...a }"),
        code="",
        words="Cannot spread fragment",
    ),
    "fragment cycle of one": Attack(
        asked("{ ...a } fragment a on Query { ...a ...a ...a }"), code="", words="Cannot spread"
    ),
    "exponential fragments": Attack(
        asked("{ me { ...a0 } } " + SPREAD + " fragment a25 on Me { name }"), words="fragments"
    ),
    "20,000 directives": Attack(
        asked("{ me { name " + "@a " * 20_000 + "} }"), words="Too long"
    ),
    "as many directives as can be read": Attack(
        asked("{ me { name " + "@include(if: true) " * 240 + "} }"), words="directives"
    ),
    "20,000 duplicate fields": Attack(
        asked("{ me { " + "name " * 20_000 + "} }"), words="Too long"
    ),
    "9,000 duplicate fields": Attack(
        asked("{ me { " + "name " * 9_000 + "} }"), code="", words="Syntax"
    ),
    "as many duplicate fields as can be read": Attack(
        asked("{ me { " + "name " * 1_900 + "} }"), words="repeats"
    ),
    "list fan-out at depth 4": Attack(asked(FAN_OUT), words="rows"),
    "5 MB comment": Attack(
        asked("#" * 5 * MEGABYTE + "\n" + ME), status=413, code="BODY_TOO_LARGE", parts=5_000,
        read=300,
    ),
    "comment of 255 kB": Attack(asked("#" * 255_000 + "\n" + ME), words="Too long"),
    "comment of the greatest length": Attack(
        asked("#" * 49_900 + "\n{ nothing }"), code="", words="Cannot query"
    ),
    "20 MB body": Attack(
        b" " * 20 * MEGABYTE, status=413, code="BODY_TOO_LARGE", parts=20_000, read=300
    ),
    "20 MB body in one part": Attack(b" " * 20 * MEGABYTE, status=413, code="BODY_TOO_LARGE"),
    "20 MB body that says so": Attack(
        b" " * 20 * MEGABYTE, status=413, code="BODY_TOO_LARGE", read=0,
        headers=((b"content-length", b"20971520"),),
    ),
    "a body that says it is endless": Attack(
        b" ", status=413, code="BODY_TOO_LARGE", read=0,
        headers=((b"content-length", b"9" * 5_000),),
    ),
    "JSON nested 100,000": Attack(b"[" * 100_000 + b"]" * 100_000, code="BAD_REQUEST"),
    "JSON objects nested 30,000": Attack(
        b'{"query": "{ me { name } }", "variables": ' + b'{"a":' * 30_000, code="BAD_REQUEST"
    ),
    "JSON nested as deep as it is read, with a key in a text": Attack(
        b'{"query": "{ me { name } }", "extensions": {"x": "\\":", "a": '
        + b"[" * 1_000 + b"]" * 1_000 + b"}}",
        code="BAD_REQUEST",
    ),
    "a value nested 400": Attack(
        asked("{ node(id: " + "[" * 400 + "]" * 400 + ") { id } }"), code="", words=""
    ),
    "invalid UTF-8": Attack(b'{"query": "{ me { name } } #\xff"}', code="BAD_REQUEST"),
    "a lone surrogate": Attack(b'{"query": "{ me { name } } #\\ud800"}', code="BAD_REQUEST"),
    "duplicate keys": Attack(
        b'{"query": "{ me { name } }", "query": "mutation { __typename }"}',
        code="BAD_REQUEST",
        words="twice",
    ),
    "20,000 duplicate keys": Attack(
        b'{"query": "{ me { name } }", "variables": {' + b'"a": 1,' * 20_000 + b'"a": 1}}',
        code="BAD_REQUEST",
        words="twice",
    ),
    "NaN": Attack(b'{"query": "{ me { name } }", "variables": {"a": NaN}}', code="BAD_REQUEST"),
    "batch array": Attack(
        b"[" + b",".join([asked("mutation { __typename }")] * 50) + b"]", code="BAD_REQUEST"
    ),
    "__schema": Attack(asked("{ __schema { types { name } } }"), words="Introspection is off"),
    "__schema through a fragment": Attack(
        asked("{ ...a } fragment a on Query { a: __schema { __typename } }"),
        words="Introspection is off",
    ),
    "deep __type": Attack(
        asked('{ __type(name: "Me") { ' + "fields { type { " * 8 + "name" + " } }" * 8 + " } }"),
        words="Too deep",
    ),
    "field guessing": Attack(
        asked("{ me { nam } myFamilie { nodes { id } } }"), code="", words="Cannot query field"
    ),
    "guessing 300 fields at once": Attack(
        asked("{ me { " + " ".join(f"guess{n}" for n in range(300)) + " } }"),
        code="",
        words="guess0",
    ),
    "type guessing": Attack(
        asked("{ me { ... on Practitione { id } } }"), code="", words="Unknown type"
    ),
    "argument guessing": Attack(
        asked('{ node(i: "x") { id } }'), code="", words="Unknown argument"
    ),
    "a mutation by GET": Attack(
        method="GET",
        query_string=b"query=mutation%20%7B%20__typename%20%7D",
        headers=((b"graphql-require-preflight", b"1"),),
        content_type=None,
        status=405,
        code="METHOD_NOT_ALLOWED",
    ),
    "a query by a link": Attack(
        method="GET",
        query_string=b"query=%7B%20__typename%20%7D",
        content_type=None,
        status=403,
        code="PREFLIGHT_REQUIRED",
    ),
    "text/plain": Attack(
        asked("mutation { __typename }"),
        content_type="text/plain",
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "no content type": Attack(
        asked("mutation { __typename }"),
        content_type=None,
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "a form": Attack(
        FORM,
        content_type="application/x-www-form-urlencoded",
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "multipart": Attack(
        MULTIPART,
        content_type="multipart/form-data; boundary=x",
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "a page of another site": Attack(
        asked("mutation { __typename }"),
        headers=((b"sec-fetch-site", b"cross-site"),),
        status=403,
        code="PREFLIGHT_REQUIRED",
    ),
}  # fmt: skip


@pytest.fixture
async def app(db: Urls, stage: Stage) -> ASGIApp:
    """Production's settings, for an administrator, who could change something; and warm."""
    await stage.account(stage.administrator, "helen")
    verifier = invented({TOKEN: access.Identity(ISSUER, "helen")})
    app = create_app(settings_of(), db.service, verifier)
    for document in (ME, "{ nothing }", nested(30), "mutation { __typename }"):
        await Attack(asked(document)).on(app)
    return app


class TestAnAttack:
    @pytest.mark.parametrize("name", ATTACKS)
    async def test_is_refused_cheaply(self, app: ASGIApp, stage: Stage, name: str) -> None:
        attack, before = ATTACKS[name], await stage.state()
        gc.collect()

        begun = time.process_time()
        answered = await attack.on(app)
        spent = time.process_time() - begun

        assert answered.status == attack.status, answered.body[:500]
        assert len(answered.errors) <= 6
        assert answered.errors[0].get("extensions", {}).get("code", "") == attack.code
        assert attack.words in answered.errors[0]["message"]
        assert b"Did you mean" not in answered.body
        assert b'"data"' not in answered.body
        assert len(answered.body) < 2_000
        assert attack.read is None or answered.read <= attack.read
        assert await stage.state() == before
        assert spent < SECONDS, f"{spent * 1000:.0f} ms of the processor"

    async def test_by_a_variable_is_a_name_like_any_other(self, app: ASGIApp, stage: Stage) -> None:
        before = await stage.state()
        document = "query ($id: ID!) { node(id: $id) { id } }"
        for given in ("x" * 200_000, "\0", "\u202e", "' or true --", "../../etc/passwd", ""):
            answered = await Attack(asked(document, variables={"id": given})).on(app)
            assert json.loads(answered.body) == {"data": {"node": None}}, given[:20]
        assert await stage.state() == before

    async def test_learns_no_values_by_guessing(self, app: ASGIApp, stage: Stage) -> None:
        document = (
            "mutation ($input: AppointToOfficeInput!) { appointToOffice(input: $input)"
            " { __typename } }"
        )
        given = {"authorityId": "x", "practitionerId": "x", "office": "AUDITO"}

        answered = await Attack(asked(document, variables={"input": given})).on(app)

        assert b"AUDITO" in answered.body
        assert b"AUDITOR" not in answered.body

    async def test_by_nested_variables_reaches_no_column(self, app: ASGIApp, stage: Stage) -> None:
        before, depth = await stage.state(), 1_000  # as deep as JSON is read at all
        body = (
            '{"query": "mutation ($input: ChangeSettingsInput!) { changeSettings(input: $input)'
            ' { __typename } }", "variables": {"input": {"authorityId": "'
            + ids.encode("Authority", stage.authority_id)
            + '", "reason": "x", "version": "' + "0" * 32
            + '", "idempotencyKey": "nested-1", "changes": '
            + '{"a": ' * depth + "1" + "}" * depth + "}}}"
        )  # fmt: skip

        answered = await Attack(body.encode()).on(app)

        assert json.loads(answered.body)["data"] == {
            "changeSettings": {"__typename": "InvalidInput"}
        }
        assert await stage.state() == before


class TestWhatIsNoAttack:
    async def test_is_answered(self, app: ASGIApp) -> None:
        for document in (ME, '{ __type(name: "Me") { name fields { name } } }', "{ __typename }"):
            answered = await Attack(asked(document)).on(app)
            assert answered.status == 200, answered.body
            assert "errors" not in json.loads(answered.body)

    async def test_is_done(self, app: ASGIApp, stage: Stage, helen: Somebody) -> None:
        """The same client could change something: what was refused above was refused for itself."""
        authority_id = ids.encode("Authority", stage.authority_id)
        given = {"authorityId": authority_id, "name": "Far North", "idempotencyKey": "north-001"}

        answered = await Attack(asked(ADD, variables={"input": given})).on(app)

        assert b"LocalityAdded" in answered.body
