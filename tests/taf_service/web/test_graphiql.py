from __future__ import annotations

from taf_service import access
from taf_service.database import Urls
from tests.stage import Somebody
from tests.taf_service.web.client import application


class TestGraphiQL:
    async def test_is_for_demo_mode(
        self, db: Urls, helen: Somebody, verifier: access.Verifier
    ) -> None:
        for demo, statuses in ((False, {404}), (True, {200, 404})):
            async with application(db, verifier, demo=demo) as client:
                page = await client.get("/graphiql")
                asset = await client.get("/graphiql/start.js")
            assert page.status_code in statuses
            assert asset.status_code == page.status_code
            assert ("Run <code>make node</code>" in page.text) is (demo and page.status_code == 404)

    async def test_gives_no_other_file(
        self, db: Urls, helen: Somebody, verifier: access.Verifier
    ) -> None:
        async with application(db, verifier, demo=True) as client:
            for name in ("endpoint.py", "..%2fsettings.py", "../settings.py", "package.json", ""):
                assert (await client.get(f"/graphiql/{name}")).status_code in (307, 404), name

    async def test_takes_nothing_from_elsewhere(
        self, db: Urls, helen: Somebody, verifier: access.Verifier
    ) -> None:
        async with application(db, verifier, demo=True) as client:
            page = await client.get("/graphiql")

        assert "//" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "unsafe" not in page.headers["content-security-policy"]
