from __future__ import annotations

import pytest

from taf_service.web.graphql.media import JSON, RESPONSE_JSON, is_json, negotiate


class TestTheAnswersMediaType:
    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            (None, JSON),
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            (JSON, JSON),
            (RESPONSE_JSON, RESPONSE_JSON),
            (RESPONSE_JSON.upper(), RESPONSE_JSON),
            (f"{JSON};q=0.5, {RESPONSE_JSON}", RESPONSE_JSON),
            (f"{RESPONSE_JSON};q=0.5, {JSON};q=0.9", JSON),
            (f"text/html, {RESPONSE_JSON}; charset=utf-8", RESPONSE_JSON),
            ("text/html, */*;q=0.1", JSON),
            ("text/html", None),
            (f"{JSON};q=0", None),
            (f"{JSON};q=often", None),
            (f"{JSON};q=0, */*", RESPONSE_JSON),
            (f"{RESPONSE_JSON};q=0.5, */*", JSON),
            (f"{JSON}, {RESPONSE_JSON}", JSON),
            (f"{RESPONSE_JSON}, {JSON}", RESPONSE_JSON),
            (f"application/*;q=0, {RESPONSE_JSON};q=0.1", RESPONSE_JSON),
            ("application/*;q=0, */*", None),
            (f"{JSON}; charset=utf-16", None),
            (f"{RESPONSE_JSON}; charset=utf-16, */*;q=0.2", JSON),
            (",;,;q=1;=;", None),
        ],
    )
    def test_is_the_best_that_the_client_takes(
        self, accept: str | None, media_type: str | None
    ) -> None:
        assert negotiate(accept) == media_type


class TestABody:
    @pytest.mark.parametrize(
        "content_type",
        [JSON, JSON.upper(), f"{JSON};charset=UTF-8", f'{JSON} ; charset="utf-8"', f"{JSON}; a=b"],
    )
    def test_is_json_in_utf_8(self, content_type: str) -> None:
        assert is_json(content_type)

    @pytest.mark.parametrize(
        "content_type",
        [
            "",
            "text/plain",
            f"text/plain; x={JSON}",
            f"{JSON}, text/plain",
            f"{JSON};charset=utf-16",
        ],
    )
    def test_is_nothing_else(self, content_type: str) -> None:
        assert not is_json(content_type)
