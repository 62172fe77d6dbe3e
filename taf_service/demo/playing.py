"""Playing the demo: bring everything up, tell the story, keep serving."""

from __future__ import annotations

import asyncio
import signal

from taf_service import logs
from taf_service.demo import processes, seeds, story
from taf_service.demo.telling import StepFailed, say
from taf_service.settings import Settings

WEB_PORT, MAIL_PORT = 8000, 8025


def run(*, once: bool) -> int:
    """Exit status 0 when every step of the story happened, else 1."""
    logs.configure()
    try:
        return asyncio.run(_play(once=once))
    except (StepFailed, processes.NotReady) as failure:
        say(f"\nThe story ended here: {failure}")
        return 1
    except KeyboardInterrupt:
        return 0


async def _play(*, once: bool) -> int:
    settings = Settings(demo=True, database_url=None, worker_database_url=None)
    say("Starting PostgreSQL and preparing an empty database.")
    urls = await processes.fresh_database(settings)
    say("Seeding three invented families.")
    cast = await seeds.sow(urls)
    mail_port = processes.free_port(MAIL_PORT)
    web_port = processes.free_port(WEB_PORT)
    async with (
        processes.catching(settings, mail_port) as (catcher, smtp_port),
        processes.service(
            settings, urls, smtp_port=smtp_port, port=web_port, tokens=cast.tokens
        ) as web,
    ):
        await story.tell(web, catcher, cast)
        say(f"\nEvery step happened. Caught mail: {settings.var / 'mail'}")
        if not once:
            await _keep_serving(story.Signposts(web, f"http://127.0.0.1:{mail_port}", cast))
    return 0


async def _keep_serving(signposts: story.Signposts) -> None:
    say(signposts.text())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    say("\nStopping.")
