"""The page behind the link in a mail: over HTTP, as a browser or a scanner meets it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx2
import pytest
from pydantic import SecretStr

from notifications.links import LinkKey, hash_of, reply_token
from taf_service import access
from taf_service.app import create_app
from taf_service.database import Urls
from taf_service.settings import Settings
from tests.schema.asking import guest_of
from tests.stage import ATeam, Somebody, Stage

KEY = "k" * 32
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
FORM = re.compile(r'name="form" value="([^"]+)"')
SCANNERS = [
    "",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; SafeLinks)",
    "Barracuda Sentinel (EE)",
    "curl/8",
    "\xff" * 10,
    "x" * 4_000,
]


@pytest.fixture
async def browser(db: Urls) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(link_key=SecretStr(KEY), demo=False)
    verifier = access.verifier_for(
        demo=True,
        jwks=None,
        issuer=None,
        audience=None,
        demo_tokens={"t": access.Identity("i", "s")},
    )
    transport = httpx2.ASGITransport(app=create_app(settings, db.service, verifier))
    async with httpx2.AsyncClient(transport=transport, base_url="https://taf.example") as client:
        yield client


@pytest.fixture
async def meeting_id(stage: Stage, team: ATeam) -> UUID:
    return await stage.meeting(
        team,
        purpose="Housing after the eviction",
        place="7 Elm Grove",
        place_kind="FAMILY_HOME",
        joining_link="https://meet.example/secret-room",
    )


@pytest.fixture
async def invitation_id(stage: Stage, team: ATeam, meeting_id: UUID, helen: Somebody) -> UUID:
    return await stage.invitation(team, meeting_id, helen)


async def link(stage: Stage, invitation_id: UUID, **values: Any) -> str:
    """The path of a link that was mailed."""
    nonce = uuid4()
    token = reply_token(LinkKey("1", KEY), invitation_id=invitation_id, nonce=nonce)
    await stage.insert(
        "reply_link",
        **{
            "invitation_id": invitation_id,
            "nonce": nonce,
            "token_hash": hash_of(token),
            "expires_at": NEVER,
            **values,
        },
    )
    return f"/r/{token}"


@pytest.fixture
async def path(stage: Stage, invitation_id: UUID) -> str:
    return await link(stage, invitation_id)


async def form_of(browser: httpx2.AsyncClient, path: str) -> str:
    found = FORM.search((await browser.get(path)).text)
    assert found is not None
    return html.unescape(found[1])


async def post(browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await browser.post(
        path,
        content=urlencode(fields),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )


async def said(stage: Stage, invitation_id: UUID) -> tuple[str, str, str | None]:
    row = await stage.owner.fetchrow("select * from invitation where id = $1", invitation_id)
    assert row is not None
    return row["answer"], row["comment"], row["answer_source"]


class TestLooking:
    async def test_changes_nothing_whoever_looks(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str
    ) -> None:
        """Invitations rule 35: mail scanners follow links by HEAD and by GET."""
        before = await stage.state()
        for agent in SCANNERS:
            headers = {b"user-agent": agent.encode("latin-1")}
            assert (await browser.head(path, headers=headers)).status_code == 200
            assert (await browser.get(path, headers=headers)).status_code == 200
            assert (await browser.get(f"{path}?answer=ACCEPTED&form=x", headers=headers)).is_success
            assert (await browser.options(path, headers=headers)).status_code == 405
            for fields in ({}, {"answer": "ACCEPTED"}, {"answer": "ACCEPTED", "form": "guess"}):
                assert (await post(browser, path, **fields)).status_code == 422
        assert await stage.state() == before

    async def test_shows_who_asks_and_when(self, browser: httpx2.AsyncClient, path: str) -> None:
        page = (await browser.get(path)).text

        assert "Lena Lead asks you to a meeting" in page
        assert "Monday 16 March 2026, 09:00 to 10:00, United Kingdom time" in page
        assert "If the mail was passed on to you" in page
        assert "call 999" in page

    async def test_shows_nothing_of_the_case(
        self, stage: Stage, browser: httpx2.AsyncClient, invitation_id: UUID, path: str
    ) -> None:
        await stage.owner.execute(
            "update invitation set comment = 'Robin is afraid', answer = 'DECLINED' where id = $1",
            invitation_id,
        )
        page = (await browser.get(path)).text

        for secret in (
            "Hartwell",
            "Robin",
            "Alex",
            "Sam",
            "Helen",
            "Housing",
            "eviction",
            "Elm Grove",
            "secret-room",
            "afraid",
        ):
            assert secret not in page
        assert "You said that you cannot come." in page

    async def test_shows_the_times_of_ones_own_part(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, meeting_id: UUID
    ) -> None:
        """Invitations rule 40."""
        starts_at = stage.now + timedelta(days=14, minutes=30)
        invitation_id = await stage.invitation(
            team,
            meeting_id,
            team.family.parent,
            part_starts_at=starts_at,
            part_ends_at=starts_at + timedelta(minutes=15),
        )

        page = (await browser.get(await link(stage, invitation_id))).text

        assert "09:30 to 09:45, United Kingdom time" in page
        assert "10:00" not in page

    async def test_names_the_zone_of_every_other_clock(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, helen: Somebody
    ) -> None:
        summer = datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
        at_home = await stage.meeting(team, starts_at=summer, ends_at=summer + timedelta(hours=1))
        abroad = await stage.meeting(
            team,
            starts_at=summer,
            ends_at=summer + timedelta(hours=14),
            zone="Europe/Paris",
        )

        for meeting_id, words in (
            (at_home, "Wednesday 1 July 2026, 14:00 to 15:00, United Kingdom time"),
            (
                abroad,
                "Wednesday 1 July 2026, 15:00 to Thursday 2 July 2026, 05:00, Europe/Paris time",
            ),
        ):
            path = await link(stage, await stage.invitation(team, meeting_id, helen))
            assert words in (await browser.get(path)).text

    async def test_is_kept_by_nobody_and_told_to_nobody(
        self, browser: httpx2.AsyncClient, path: str
    ) -> None:
        for address in (path, "/r/guessed"):
            response = await browser.get(address)
            policy = response.headers["content-security-policy"]

            assert response.headers["cache-control"] == "no-store"
            assert response.headers["referrer-policy"] == "no-referrer"
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in response.text.replace("https://taf.example", "")
            assert path not in response.text
            assert "set-cookie" not in response.headers

    async def test_never_writes_the_token_to_a_log(
        self,
        browser: httpx2.AsyncClient,
        path: str,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(0, "taf_service")
        await browser.get(path)
        await post(browser, path, answer="ACCEPTED", form=await form_of(browser, path))
        await post(browser, path, answer="ACCEPTED", form="guess")

        written = capfd.readouterr()
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
        assert path.removeprefix("/r/") not in f"{written.out}{written.err}{ours}"


class TestAnswering:
    async def test_is_recorded_with_its_message_and_may_be_changed(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, invitation_id: UUID
    ) -> None:
        form = await form_of(browser, path)

        yes = await post(browser, path, form=form, answer="ACCEPTED", comment="At\r\nten past")
        first = await said(stage, invitation_id)
        no = await post(browser, path, form=form, answer="DECLINED", comment="")
        second = await said(stage, invitation_id)

        assert "You said that you will come." in yes.text
        assert "Lena Lead can see your answer now." in yes.text
        assert first == ("ACCEPTED", "At\nten past", "LINK")
        assert "You said that you cannot come." in no.text
        assert second == ("DECLINED", "", "LINK")
        replies = await stage.owner.fetch(
            "select answer, comment, source from reply order by answer"
        )
        assert [tuple(row) for row in replies] == [
            ("ACCEPTED", "At\nten past", "LINK"),
            ("DECLINED", "", "LINK"),
        ]

    async def test_tells_nobody_by_mail(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, invitation_id: UUID
    ) -> None:
        before = await stage.counts()

        await post(browser, path, form=await form_of(browser, path), answer="TENTATIVE")

        after = await stage.counts()
        changed = {table: after[table] - before[table] for table in after if after != before}
        assert {table for table, more in changed.items() if more} == {"audit_entry", "reply"}
        assert "Hartwell" not in str(await stage.owner.fetch("select * from audit_entry"))

    async def test_needs_the_form_of_this_very_link(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, meeting_id: UUID, path: str
    ) -> None:
        other = await link(stage, await stage.invitation(team, meeting_id, team.family.parent))
        form = await form_of(browser, other)
        before = await stage.state()

        refused = await post(browser, path, form=form, answer="ACCEPTED", comment="keep me")

        assert refused.status_code == 422
        assert "was not recorded" in refused.text
        assert ">keep me</textarea>" in refused.text
        assert await stage.state() == before

    async def test_with_the_form_shown_after_a_refusal_goes_through(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, invitation_id: UUID
    ) -> None:
        refused = await post(browser, path, answer="ACCEPTED", comment="keep me")
        form = FORM.search(refused.text)
        assert form is not None

        await post(browser, path, form=form[1], answer="ACCEPTED", comment="keep me")

        assert await said(stage, invitation_id) == ("ACCEPTED", "keep me", "LINK")

    async def test_of_one_person_never_touches_anothers(
        self,
        stage: Stage,
        browser: httpx2.AsyncClient,
        team: ATeam,
        meeting_id: UUID,
        path: str,
        invitation_id: UUID,
    ) -> None:
        parents = await stage.invitation(team, meeting_id, team.family.parent)
        other = await link(stage, parents)

        fields = {"answer": "DECLINED", "comment": "Mine", "invitationId": str(invitation_id)}
        await post(browser, other, form=await form_of(browser, other), **fields)

        assert await said(stage, parents) == ("DECLINED", "Mine", "LINK")
        assert await said(stage, invitation_id) == ("NEEDS_ACTION", "", None)

    async def test_works_for_a_parent_and_for_a_guest(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, meeting_id: UUID
    ) -> None:
        guest = await stage.person("Ingrid Interpreter")
        for invitation_id in (
            await stage.invitation(team, meeting_id, team.family.parent),
            await guest_of(stage, meeting_id, guest),
        ):
            path = await link(stage, invitation_id)
            done = await post(browser, path, form=await form_of(browser, path), answer="ACCEPTED")
            assert done.status_code == 200
            assert await said(stage, invitation_id) == ("ACCEPTED", "", "LINK")

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Choose one of the three answers."),
            ({"answer": "NEEDS_ACTION"}, "Choose one of the three answers."),
            ({"answer": "ACCEPTED\0"}, "Choose one of the three answers."),
            ({"answer": "ACCEPTED", "comment": "x" * 1_001}, "1,000 characters"),
            ({"answer": "ACCEPTED", "comment": "x" * 5_000}, "1,000 characters"),
            ({"answer": "ACCEPTED", "comment": "NUL \0"}, "no unusual ones"),
            ({"answer": "ACCEPTED", "comment": "\u202e"}, "no unusual ones"),
            ({"answer": "ACCEPTED", "comment": "x" * 40_000}, "too long"),
            ({f"field{n}": "x" for n in range(20)}, "was not recorded"),
        ],
    )
    async def test_that_cannot_be_right_is_explained(
        self,
        stage: Stage,
        browser: httpx2.AsyncClient,
        path: str,
        fields: dict[str, str],
        words: str,
    ) -> None:
        form = await form_of(browser, path)
        before = await stage.state()

        refused = await post(browser, path, form=form, **fields)

        assert refused.status_code == 422
        assert words in refused.text
        assert 'role="alert"' in refused.text
        assert await stage.state() == before

    async def test_keeps_what_somebody_typed_harmless(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, invitation_id: UUID
    ) -> None:
        script = "</textarea><script>alert(1)</script>{{ 7777 * 7777 }}"
        form = await form_of(browser, path)

        refused = await post(browser, path, form=form, answer="no", comment=script)
        taken = await post(browser, path, form=form, answer="ACCEPTED", comment=script)

        for response in (refused, taken, await browser.get(path)):
            assert "<script" not in response.text
            assert "60481729" not in response.text
        assert "&lt;script&gt;" in refused.text
        assert (await said(stage, invitation_id))[1] == script

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
            (b'{"answer": "ACCEPTED"}', "application/json"),
            (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b"),
            (b"answer=ACCEPTED", "text/plain"),
        ],
    )
    async def test_takes_forms_alone(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, body: bytes, kind: str
    ) -> None:
        before = await stage.state()

        refused = await browser.post(path, content=body, headers={"content-type": kind})

        assert refused.status_code == 422
        assert await stage.state() == before

    async def test_ends_when_the_meeting_begins(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, helen: Somebody
    ) -> None:
        began = await stage.meeting(team, starts_in=timedelta(minutes=-5))
        path = await link(stage, await stage.invitation(team, began, helen))
        form = await form_of(browser, path)
        before = await stage.state()

        refused = await post(browser, path, form=form, answer="ACCEPTED")

        assert refused.status_code == 422
        assert "There is a problem" in refused.text
        assert await stage.state() == before


class TestALinkThatNoLongerWorks:
    async def test_looks_the_same_whatever_the_reason(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, helen: Somebody
    ) -> None:
        async def ended(
            invitation: dict[str, Any], reply_link: dict[str, Any], **meeting: Any
        ) -> str:
            meeting_id = await stage.meeting(team, **meeting)
            invitation_id = await stage.invitation(team, meeting_id, helen, **invitation)
            return await link(stage, invitation_id, **reply_link)

        paths = [
            await ended({}, {"expires_at": stage.now - timedelta(days=1)}),
            await ended({}, {"revoked_at": stage.now}),
            await ended({"withdrawn_at": stage.now}, {}),
            await ended({}, {}, cancelled_at=stage.now),
            f"/r/{'a' * 32}",
            "/r/x",
            f"/r/{'x' * 5_000}",
            "/r/%00",
            "/r/%F0%9F%98%80",
        ]
        form = await form_of(browser, await ended({}, {}))
        before = await stage.state()

        pages = [await browser.get(path) for path in paths]
        pages += [await post(browser, path, form=form, answer="ACCEPTED") for path in paths]

        assert {page.status_code for page in pages} == {404}
        assert {page.text for page in pages} == {pages[0].text}
        assert len({tuple(sorted(page.headers.items())) for page in pages}) == 1
        assert "This link no longer works" in pages[0].text
        assert "If the mail was passed on to you" in pages[0].text
        assert [(await browser.head(path)).status_code for path in paths] == [404] * len(paths)
        assert await stage.state() == before

    async def test_ends_while_the_page_is_open(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str, invitation_id: UUID
    ) -> None:
        form = await form_of(browser, path)
        for undo, redo in (
            ("reply_link set revoked_at = now()", "reply_link set revoked_at = null"),
            ("invitation set withdrawn_at = now()", "invitation set withdrawn_at = null"),
            ("meeting set cancelled_at = now()", "meeting set cancelled_at = null"),
        ):
            await stage.owner.execute(f"update {undo}")
            before = await stage.state()

            gone = await post(browser, path, form=form, answer="ACCEPTED")

            assert gone.status_code == 404
            assert await stage.state() == before
            await stage.owner.execute(f"update {redo}")

    async def test_goes_with_its_holders_place_in_the_team(
        self, stage: Stage, browser: httpx2.AsyncClient, team: ATeam, helen: Somebody, path: str
    ) -> None:
        await stage.owner.execute(
            "update membership set left_at = $2 where id = $1", team.of(helen), stage.now
        )

        assert (await browser.get(path)).status_code == 404


class TestThePages:
    async def test_need_no_account(self, browser: httpx2.AsyncClient, path: str) -> None:
        answered = await post(browser, path, form=await form_of(browser, path), answer="ACCEPTED")

        assert answered.status_code == 200
        assert "sign in" not in answered.text.lower()

    async def test_say_so_when_the_service_is_out_of_order(
        self, stage: Stage, browser: httpx2.AsyncClient, path: str
    ) -> None:
        form = await form_of(browser, path)
        await stage.owner.execute("revoke select on invitation from taf_service, taf_reader")
        before = await stage.state()

        pages = [
            await browser.get(path),
            await post(browser, path, form=form, answer="ACCEPTED"),
        ]

        assert {page.status_code for page in pages} == {503}
        assert "Please try again later" in pages[0].text
        assert await stage.state() == before
