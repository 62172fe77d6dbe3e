"""Answers of different servers are the same when they say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.answers import same_shape
from bench.naming import named
from schema.ids import encode

ACTION = named("action", 7)


def body(**data: Any) -> bytes:
    return json.dumps({"data": data}).encode()


class TestAnswers:
    def test_are_alike_whatever_an_id_or_a_list_looks_like(self) -> None:
        ours = body(
            family={
                "team": {
                    "lead": {"membership": {"name": "Asha"}},
                    "actions": {"nodes": [{"id": encode("Action", ACTION)}]},
                }
            }
        )
        theirs = body(
            family={
                "team": [
                    {
                        "lead": [{"membership": {"person": {"name": "Asha"}}}],
                        "actions": [{"id": str(ACTION)}],
                    }
                ]
            }
        )

        assert same_shape("ours", ours) == same_shape("postgraphile", theirs)

    def test_are_alike_however_a_moment_is_written(self) -> None:
        ours = body(meeting={"startsAt": "2026-03-02T09:00:00+00:00"})
        theirs = body(meeting={"startsAt": "2026-03-02T10:00:00.000+01:00"})

        assert same_shape("ours", ours) == same_shape("mercurius", theirs)

    def test_differ_where_one_says_less(self) -> None:
        ours = body(me={"actions": {"nodes": [{"text": "Ring"}, {"text": "Visit"}]}})
        theirs = body(me={"actions": {"nodes": [{"text": "Ring"}]}})

        assert same_shape("ours", ours) != same_shape("usual", theirs)

    @pytest.mark.parametrize("said", [b'{"errors": [{"message": "no"}]}', b'{"data": null}'])
    def test_are_refused_where_there_is_none(self, said: bytes) -> None:
        with pytest.raises(ValueError, match=r"errors|data"):
            same_shape("ours", said)
