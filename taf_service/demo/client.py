"""A client such as anybody could write: GraphQL and a web form, over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from taf_service.demo.telling import StepFailed

TIMEOUT = 20


class Api:
    """The public endpoint, as one signed-in person."""

    def __init__(self, web: str, token: str) -> None:
        self._url = f"{web}/graphql"
        self._token = token

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer. Errors: `StepFailed` with what the service said."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
        }
        answer = json.loads(await fetch(self._url, body, headers))
        if answer.get("errors"):
            raise StepFailed(f"the API answered {answer['errors'][0]['message']}")
        data: dict[str, Any] = answer["data"]
        return data

    async def act(self, document: str, expected: str, **given: Any) -> dict[str, Any]:
        """Run a mutation whose one field is aliased `done`; it must answer with `expected`."""
        done: dict[str, Any] = (await self.ask(document, input=given))["done"]
        if done["__typename"] != expected:
            raise StepFailed(f"the API answered {done['__typename']}: {done.get('message')}")
        return done


async def answer_by_link(link: str, answer: str, comment: str) -> str:
    """Open the page of a reply link and press one of its buttons; returns the page's heading."""
    page = await fetch(link)
    hidden = re.search(r'name="form" value="([^"]+)"', page)
    if hidden is None:
        raise StepFailed("the page behind the link has no form")
    form = {"form": hidden[1], "answer": answer, "comment": comment}
    answered = await fetch(link, urllib.parse.urlencode(form).encode())
    heading = re.search(r"<h1>(.*?)</h1>", answered)
    return heading[1] if heading else ""


async def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> str:
    """GET, or POST when there is a body. Errors: `StepFailed` for anything but a page."""
    return await asyncio.to_thread(_fetch, url, body, headers or {})


def _fetch(url: str, body: bytes | None, headers: dict[str, str]) -> str:
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            text: str = response.read().decode()
            return text
    except urllib.error.HTTPError as refusal:
        raise StepFailed(f"{url.partition('/r/')[0]} answered {refusal.code}") from refusal
    except OSError as problem:
        raise StepFailed("the service does not answer") from problem
