"""`make audit`: npm's `graphql-http` against `taf serve`, as it runs for real, on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from joserfc import jwt
from joserfc.jwk import RSAKey

from taf_service import database, partnership
from taf_service.database import OWNER, SERVICE, WORKER, Urls
from taf_service.demo.processes import free_port

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "taf_service" / "web"
ISSUER, AUDIENCE, SUBJECT = "https://sign-in.example", "taf", "ada"
READY_SECONDS = 30
AUDIT_SECONDS = 120


async def main() -> int:
    """Exit status 0 when every audit passes."""
    async with _database() as urls:
        with tempfile.TemporaryDirectory() as folder:
            settings, token = _signing(Path(folder))
            async with _serving(settings | _database_settings(urls)) as address:
                return await _audit(address, token)


@asynccontextmanager
async def _database() -> AsyncIterator[Urls]:
    server = os.environ.get("TAF_TEST_DATABASE_URL") or database.start_embedded(
        ROOT / "var" / "test-postgres"
    )
    name = f"audit_{os.getpid()}"
    await database.establish(server, database=name)
    urls = Urls(*(database.at(server, role, name) for role in (OWNER, SERVICE, WORKER)))
    try:
        await database.migrate(urls.owner)
        await _let_in(urls.owner)
        yield urls
    finally:
        superuser = await asyncpg.connect(server)
        await superuser.execute(f'drop database "{name}" with (force)')
        await superuser.close()


async def _let_in(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    await partnership.establish_authority(
        owner,
        code="derby",
        name="Derby",
        administrator="Ada Brand",
        issuer=ISSUER,
        subject=SUBJECT,
        localities=(),
    )
    await owner.close()


def _database_settings(urls: Urls) -> dict[str, str]:
    return {"TAF_DATABASE_URL": urls.service, "TAF_WORKER_DATABASE_URL": urls.worker}


def _signing(folder: Path) -> tuple[dict[str, str], str]:
    """Who signs tokens, as the service's settings say it, and a token of theirs."""
    key = RSAKey.generate_key(2048, {"kid": "audit"})
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    expires = int(time.time()) + 2 * AUDIT_SECONDS
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "exp": expires}
    settings = {"TAF_JWKS": str(jwks), "TAF_JWT_ISSUER": ISSUER, "TAF_JWT_AUDIENCE": AUDIENCE}
    return settings, jwt.encode({"alg": "RS256", "kid": "audit"}, claims, key)


@asynccontextmanager
async def _serving(settings: dict[str, str]) -> AsyncIterator[str]:
    port = free_port(0)
    surroundings = {name: value for name, value in os.environ.items() if name[:4] != "TAF_"}
    env = {**surroundings, **settings, "TAF_PORT": str(port)}
    env["TAF_LINK_KEY"] = secrets.token_urlsafe(32)
    command = (sys.executable, "-m", "taf_service.cli", "serve")
    server = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        await _until_ready(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


async def _until_ready(url: str) -> None:
    for _ in range(READY_SECONDS * 10):
        if await asyncio.to_thread(_answers, url):
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"taf serve did not answer within {READY_SECONDS} seconds.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except OSError:
        return False


async def _audit(address: str, token: str) -> int:
    script = str(Path(__file__).with_name("audit.mjs"))
    node = await asyncio.create_subprocess_exec("node", script, str(PACKAGES), address, token)
    return await asyncio.wait_for(node.wait(), AUDIT_SECONDS)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
