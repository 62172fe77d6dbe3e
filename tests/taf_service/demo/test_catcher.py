from __future__ import annotations

import asyncio
import html
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from taf_service.demo import catcher, caught, caught_event
from taf_service.demo.catcher import LONGEST_MESSAGE, Catcher

CALENDAR = """\
BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
TZID:Europe/London\r
BEGIN:DAYLIGHT\r
DTSTART:19700329T010000\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:m1@reply.taf.example\r
SEQUENCE:2\r
DTSTART;TZID=Europe/London:20260702T090000\r
DTEND;TZID=Europe/London:20260702T103000\r
STATUS:CONFIRMED\r
SUMMARY:Meeting\\, as agreed by everybody who was asked about it in the autu\r
 mn\r
LOCATION:Town hall\\nRoom 2\r
ORGANIZER;CN="Early Help: Derby":mailto:meetings@reply.taf.example\r
ATTENDEE;CN=Jo Lee;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mai\r
 lto:jo.lee@school.example\r
BEGIN:VALARM\r
DESCRIPTION:Ring\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def invitation(subject: str = "Meeting on 2 July") -> EmailMessage:
    message = EmailMessage()
    message["From"] = '"Early Help" <meetings@reply.taf.example>'
    message["To"] = "jo.lee@school.example"
    message["Subject"] = subject
    message.set_content("Please answer: https://taf.example/reply/abc?x=1&y=2\n")
    message.add_alternative('<p onclick="x()">Please <b>answer</b></p>', subtype="html")
    message.add_alternative(CALENDAR, subtype="calendar", params={"method": "REQUEST"})
    message.add_attachment(CALENDAR.encode(), "application", "ics", filename="invite.ics")
    return message


class Post:
    """A catcher that listens, and a way to hand it messages over SMTP."""

    def __init__(self, catcher: Catcher, port: int) -> None:
        self.catcher = catcher
        self.port = port

    async def send(self, content: bytes, *to: str, sender: str = "a@taf.example") -> str:
        async with self.client() as client:
            _, reply = await client.sendmail(
                sender, list(to or ("jo.lee@school.example",)), content
            )
            return reply

    def client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, start_tls=False, timeout=5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
async def post(folder: Path) -> AsyncIterator[Post]:
    catcher = Catcher(folder)
    yield Post(catcher, await catcher.start())
    await catcher.stop()


def browse(catcher: Catcher, prefix: str = "/mail") -> TestClient:
    return TestClient(Starlette(routes=catcher.routes(prefix)))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def put(folder: Path, content: bytes, *, to: Sequence[str] = ("jo@school.example",)) -> Catcher:
    """A catcher that caught `content`, without the journey."""
    folder.mkdir(exist_ok=True)
    kept = caught.with_envelope(content, sender="a@taf.example", recipients=to)
    (folder / "00000001.eml").write_bytes(kept)
    return Catcher(folder)


class SlowDisk:
    """Writing that begins, then waits until it may go on."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()


@pytest.fixture
async def slow(monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    disk, write, loop = SlowDisk(), catcher._write, asyncio.get_running_loop()

    def write_slowly(folder: Path, number: int, content: bytes) -> int:
        loop.call_soon_threadsafe(disk.began.set)
        asyncio.run_coroutine_threadsafe(disk.go_on.wait(), loop).result(5)
        return write(folder, number, content)

    monkeypatch.setattr(catcher, "_write", write_slowly)
    return disk


class TestCatching:
    async def test_keeps_the_bytes_that_were_sent(self, post: Post, folder: Path) -> None:
        content = invitation().as_bytes().replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
        content += b"..two dots\r\n.one\r\n.\r\n"
        await post.send(content)
        (message,) = post.catcher.messages()
        assert message.content() == content
        assert message.path == folder / "00000001.eml"
        assert message.path.read_bytes() == (
            b"Return-Path: <a@taf.example>\r\nDelivered-To: jo.lee@school.example\r\n" + content
        )

    async def test_tells_what_it_caught(self, post: Post) -> None:
        await post.send(bytes(invitation("Grüße")))
        (message,) = post.catcher.messages()
        assert message.number == 1
        assert message.recipient == "jo.lee@school.example"
        assert message.subject == "Grüße"
        assert message.method == "REQUEST"
        assert message.received_at == datetime.fromtimestamp(message.path.stat().st_mtime, UTC)
        assert (message.calendar_text() or "").splitlines() == CALENDAR.splitlines()

    async def test_names_the_recipients_told_to_the_server(self, post: Post) -> None:
        await post.send(bytes(invitation()), "one@a.example", "two@a.example")
        (message,) = post.catcher.messages()
        assert message.recipient == "one@a.example, two@a.example"

    async def test_numbers_by_arrival_in_later_runs_too(self, folder: Path) -> None:
        for expected in ([1, 2], [1, 2, 3, 4]):
            catcher = Catcher(folder)
            post = Post(catcher, await catcher.start())
            for number in expected[-2:]:
                await post.send(bytes(invitation(f"Number {number}")))
            await catcher.stop()
            assert [message.number for message in catcher.messages()] == expected
        assert [message.subject[-1] for message in Catcher(folder).messages()] == list("1234")

    async def test_keeps_many_at_once(self, post: Post, folder: Path) -> None:
        async def send_some(sender: int) -> None:
            async with post.client() as client:
                for turn in range(10):
                    content = bytes(invitation(f"{sender} {turn}"))
                    await client.sendmail("a@taf.example", ["b@a.example"], content)

        await asyncio.gather(*map(send_some, range(10)))
        subjects = [message.subject for message in post.catcher.messages()]
        assert sorted(subjects) == sorted(f"{i} {j}" for i in range(10) for j in range(10))
        assert len(names(folder)) == 100

    async def test_shares_a_folder_with_another(self, post: Post, folder: Path) -> None:
        other = Catcher(folder)
        beside = Post(other, await other.start())
        await asyncio.gather(*(it.send(bytes(invitation())) for it in [post, beside] * 10))
        await other.stop()
        assert len(post.catcher.messages()) == 20
        assert len(names(folder)) == 20

    async def test_answers_only_when_it_is_on_the_disk(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[str] = []
        fsync, replace = os.fsync, Path.replace

        def noted_fsync(descriptor: int) -> None:
            fsync(descriptor)
            done.append("synced")

        def noted_replace(path: Path, target: Path) -> Path:
            done.append("named")
            return replace(path, target)

        monkeypatch.setattr(os, "fsync", noted_fsync)
        monkeypatch.setattr(Path, "replace", noted_replace)
        reply = await post.send(bytes(invitation()))
        assert done == ["synced", "named", "synced"]
        assert reply == "Kept as number 1"

    async def test_refuses_for_now_when_the_disk_is_full(
        self, post: Post, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(aiosmtplib.SMTPDataError) as refused:
                await post.send(bytes(invitation()))
        assert refused.value.code == 452
        assert names(folder) == []
        await post.send(bytes(invitation()))
        assert len(post.catcher.messages()) == 1

    async def test_ignores_files_that_are_not_its_own(self, folder: Path) -> None:
        catcher = put(folder, b"Subject: first\r\n\r\n")
        for name in ("notes.txt", "1.eml", "x.eml", "00000009.part", "00000002x.eml"):
            (folder / name).write_text("not mail")
        assert [message.number for message in catcher.messages()] == [1]

    @pytest.mark.parametrize("says_so_first", [True, False])
    async def test_refuses_twenty_megabytes(
        self, post: Post, folder: Path, *, says_so_first: bool
    ) -> None:
        content = (b"x" * 76 + b"\r\n") * (20 * 1024 * 1024 // 78)
        async with post.client() as client:
            await client.ehlo()
            if not says_so_first:
                client.esmtp_extensions.pop("size")
            with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
                await client.sendmail("a@taf.example", ["b@a.example"], content)
        assert refused.value.code == 552
        assert names(folder) == []
        assert len(content) > LONGEST_MESSAGE


class TestListening:
    @pytest.mark.parametrize(
        "host",
        ["0.0.0.0", "::", "", "192.0.2.1", "localhost", "mail.example", "::ffff:8.8.8.8"],  # noqa: S104
    )
    async def test_refuses_anything_but_loopback(self, folder: Path, host: str) -> None:
        with pytest.raises(ValueError, match="loopback only"):
            await Catcher(folder).start(host)
        assert names(folder.parent) == []

    async def test_refuses_to_listen_twice(self, post: Post) -> None:
        with pytest.raises(ValueError, match="already"):
            await post.catcher.start()

    async def test_stops_and_starts_again_on_its_port(self, folder: Path) -> None:
        catcher = Catcher(folder)
        port = await catcher.start()
        await catcher.stop()
        await catcher.stop()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
        assert await catcher.start(port=port) == port
        await catcher.stop()

    async def test_stops_with_connections_open(self, folder: Path) -> None:
        catcher = Catcher(folder)
        client = Post(catcher, await catcher.start()).client()
        await client.connect()
        await asyncio.wait_for(catcher.stop(), 2)
        assert catcher._connections == set()
        client.close()

    async def test_tells_the_sender_before_it_stops(self, folder: Path, slow: SlowDisk) -> None:
        box = Catcher(folder)
        sending = asyncio.create_task(Post(box, await box.start()).send(bytes(invitation())))
        await slow.began.wait()
        stopping = asyncio.create_task(box.stop())
        await asyncio.sleep(0.01)
        assert names(folder) == []
        slow.go_on.set()
        await stopping
        assert await sending == "Kept as number 1"
        assert [message.number for message in box.messages()] == [1]

    async def test_keeps_what_a_sender_handed_over_before_it_died(
        self, post: Post, slow: SlowDisk
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
        for line in ("EHLO x", "MAIL FROM:<>", "RCPT TO:<b@a.example>", "DATA"):
            writer.write(f"{line}\r\n".encode())
        while not (await reader.readuntil(b"\r\n")).startswith(b"354"):
            pass
        writer.write(b"Subject: x\r\n\r\n.\r\n")
        await slow.began.wait()
        writer.transport.abort()
        await asyncio.sleep(0.01)
        slow.go_on.set()
        await post.catcher.stop()
        (message,) = post.catcher.messages()
        assert message.path.read_bytes().startswith(b"Return-Path: <>\r\nDelivered-To: b@a")
        assert message.subject == "x"


class TestPages:
    def test_list_newest_first(self, folder: Path) -> None:
        catcher = put(folder, b"Subject: older\r\n\r\n")
        (folder / "00000002.eml").write_bytes(bytes(invitation("newer")))
        page = browse(catcher).get("/mail/").text
        assert page.index("newer") < page.index("REQUEST") < page.index("older")
        assert page.index("older") > page.index("jo@school.example") - 200
        assert 'href="/mail/1"' in page
        assert 'href="/mail/2"' in page

    def test_say_when_there_is_none(self, tmp_path: Path) -> None:
        assert "No mail yet" in browse(Catcher(tmp_path / "never")).get("/mail/").text

    def test_show_a_message_as_its_recipient_sees_it(self, folder: Path) -> None:
        page = browse(put(folder, bytes(invitation()))).get("/mail/1").text
        said = html.unescape(page)
        for words in (
            "<td>Meeting on 2 July</td>",
            '"Early Help" <meetings@reply.taf.example>',
            "Please answer: https://taf.example/reply/abc?x=1&y=2",
            "<td>REQUEST</td>",
            "<td>Meeting, as agreed by everybody who was asked about it in the autumn</td>",
            "<td>Thursday 2 July 2026, 09:00 to 10:30 (BST, Europe/London)</td>",
            "<td>Town hall\nRoom 2</td>",
            "<td>Early Help: Derby <meetings@reply.taf.example></td>",
            "<td>Jo Lee <jo.lee@school.example> (REQ-PARTICIPANT, NEEDS-ACTION)</td>",
            "<td>CONFIRMED</td>",
            "<td>2</td>",
            "<li>invite.ics</li>",
        ):
            assert words in said
        assert "<td>Ring</td>" not in said
        assert 'href="https://taf.example/reply/abc?x=1&amp;y=2"' in page
        assert 'sandbox srcdoc="&lt;p onclick=&#34;x()&#34;&gt;' in page

    def test_give_the_source_as_plain_text(self, folder: Path) -> None:
        catcher = put(folder, bytes(invitation()))
        answer = browse(catcher).get("/mail/1/source")
        assert answer.content == catcher.messages()[0].path.read_bytes()
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"

    @pytest.mark.parametrize("path", ["/mail/", "/mail/1", "/mail/1/source"])
    def test_run_nothing_fetch_nothing_and_stay_nowhere(self, folder: Path, path: str) -> None:
        answer = browse(put(folder, bytes(invitation()))).get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
        assert "script-src" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize(
        "name", ["2", "0", "01", "-1", "x", "1.eml", "..%2f1", "9" * 5000, "%00", "%F0%9F"]
    )
    def test_know_no_other_message(self, folder: Path, name: str) -> None:
        client = browse(put(folder, bytes(invitation())))
        assert client.get(f"/mail/{name}").status_code == 404
        assert client.get(f"/mail/{name}/source").status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_change_nothing(self, folder: Path, method: str) -> None:
        client = browse(put(folder, bytes(invitation())))
        assert client.request(method, "/mail/1").status_code == 405
        assert len(names(folder)) == 1


EVIL = '"><script>alert(1)</script><img src=x onerror=y>'


def hostile() -> Iterator[bytes]:
    """Messages that mail programs have stumbled over."""
    yield b""
    yield b"\x00\xff\xfe"
    yield b"no header at all\r\n"
    yield b"Subject: =?utf-8?b?%%%?=\r\n\r\nx"
    yield b"Subject: =?utf-7?q?+2AA-?= =?zip?q?x?=\r\n\r\nx"
    yield b"Subject: =?utf-8?b?a?=\r\n\r\nx"
    yield b"Content-Type: text/calendar; method=\xff\r\n\r\nBEGIN:VEVENT"
    yield b"Content-Disposition: attachment; filename*=utf-7''+2AA-\r\n\r\n"
    yield b"Subject: \xff\xfe raw\r\nSubject: twice\r\n\r\nx"
    yield b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA- +ADw-script+AD4-"
    yield b"Content-Type: text/html; charset=unicode_escape\r\n\r\n\\ud800 \\x3cscript\\x3e"
    yield b'Content-Type: text/plain; charset="a\nb"\r\n\r\n\xff'
    yield b"Content-Type: multipart/mixed\r\n\r\nno boundary"
    yield b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nno end"
    yield b"Content-Type: text/calendar; method*=utf-9''%ff\r\n\r\nBEGIN:VEVENT"
    yield b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"
    yield b"Content-Disposition: attachment; filename*0*=x''%zz; filename*1=b\r\n\r\n"
    yield "".join(
        f"Content-Type: multipart/mixed; boundary={level}\r\n\r\n--{level}\r\n"
        for level in range(600)
    ).encode()
    yield b"Content-Type: message/rfc822\r\n\r\n" * 1000
    written = (
        f"Subject: {EVIL}\r\nFrom: {EVIL}\r\nContent-Type: %s; method={EVIL}\r\n\r\n{EVIL}\r\n"
    )
    for kind in ("text/plain", "text/html", f"image/png; name='{EVIL}'"):
        yield (written % kind).encode()
    calendar = CALENDAR.replace("Town hall", EVIL).replace("Jo Lee", "<script>")
    yield (written % "text/calendar").encode() + calendar.encode()
    yield b"Content-Type: text/calendar\r\n\r\n" + CALENDAR.replace("2026", "0000").encode()


class TestHostileMessages:
    @pytest.mark.parametrize("content", list(hostile()), ids=range(len(list(hostile()))))
    def test_are_shown(self, folder: Path, content: bytes) -> None:
        client = browse(put(folder, content, to=[EVIL]))
        for path in ("/mail/", "/mail/1", "/mail/1/source"):
            answer = client.get(path)
            assert answer.status_code == 200
            if not path.endswith("source"):
                assert not re.search("<script|<img|onerror=y>", answer.text)

    @given(
        st.binary()
        | st.sampled_from(list(hostile())).flatmap(
            lambda content: st.tuples(
                st.integers(0, min(len(content), 500)), st.binary(max_size=30)
            ).map(lambda cut: content[: cut[0]] + cut[1] + content[cut[0] + len(cut[1]) :][:2000])
        )
    )
    def test_never_break_the_reading(self, content: bytes) -> None:
        view = caught._view(content)
        assert all(isinstance(value, str) for _, value in (*view.headers, *view.event))

    async def test_arrive_too(self, post: Post) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
        for line in (
            b"EHLO x",
            b'MAIL FROM:<"<script>"@x.example> SMTPUTF8',
            b"RCPT TO:<b\r@a.example>",
            b"RCPT TO:<\xff\xfe@a.example>",
            b"RCPT TO:<../../etc@a.example>",
            b"RCPT TO:<b@a.example>",
            b"DATA",
            b"\xff\x00 lone \r and \n\r\n.",
            b"QUIT",
        ):
            writer.write(line + b"\r\n")
        while await reader.read(4096):
            pass
        writer.close()
        (message,) = post.catcher.messages()
        assert message.path.name == "00000001.eml"
        assert message.recipient.isprintable()
        assert message.content() == b"\xff\x00 lone \r and \n\r\n"
        assert browse(post.catcher).get("/mail/1").status_code == 200


class TestEventInWords:
    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (
                ["DTSTART:20260102T093000Z", "DTEND:20260102T103000Z"],
                "Friday 2 January 2026, 09:30 to 10:30 (GMT, Europe/London)",
            ),
            (
                ["DTSTART:20260702T093000Z"],
                "Thursday 2 July 2026, 10:30 (BST, Europe/London)",
            ),
            (
                ["DTSTART;TZID=Europe/London:20260702T230000", "DTEND:20260703T000000Z"],
                "Thursday 2 July 2026, 23:00 to Friday 3 July 2026, 01:00 (BST, Europe/London)",
            ),
            (
                ["DTSTART;TZID=Made/Up:20260702T090000", "DTEND;TZID=Made/Up:20260702T100000"],
                "Thursday 2 July 2026, 09:00 to 10:00 (Made/Up)",
            ),
            (["DTSTART:20260702T090000"], "Thursday 2 July 2026, 09:00"),
            (["DTSTART:20269902T090000"], "20269902T090000"),
            (["DTSTART:00010101T000000Z"], "00010101T000000Z"),
            (["DTSTART:soon", "DTEND:later"], "soon to later"),
            (["SUMMARY:x"], "not said"),
        ],
    )
    def test_say_when_on_londons_clock(self, lines: Sequence[str], said: str) -> None:
        calendar = "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
        assert dict(caught_event.words(calendar))["When"] == said

    def test_are_empty_without_an_event(self) -> None:
        assert list(caught_event.words("BEGIN:VCALENDAR\r\nEND:VCALENDAR")) == []
        assert list(caught_event.words("METHOD:REQUEST")) == [("Method", "REQUEST")]

    @given(st.text(alphabet='BEGINVTD:;="\\,\r\n SAR20260702T09Z-', max_size=200))
    def test_never_fail(self, lines: str) -> None:
        calendar = f"BEGIN:VEVENT\r\nDTSTART;TZID=Europe/London:{lines}\r\n{lines}"
        assert caught_event.words(calendar)
