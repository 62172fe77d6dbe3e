"""The `taf` command: one line each into the service."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import pydantic
import pydantic_settings
import typer

from schema.documents import DocumentsRefused
from taf_service import access, app, database, demo, partnership, serving
from taf_service.core.sealing import Head
from taf_service.settings import Settings

main = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


class HeadsUnreadable(Exception):
    """The file is not one that `--export` wrote."""


REFUSALS = (
    access.ConfigurationRefused,
    app.LinkKeyMissing,
    database.DatabaseNotConfigured,
    database.DatabaseUnreachable,
    partnership.EstablishmentRefused,
    DocumentsRefused,
    pydantic.ValidationError,
    pydantic_settings.SettingsError,
    HeadsUnreadable,
)


@main.command()
def serve() -> None:
    """Serve GraphQL, reply links and health."""
    _run_or_refuse(serving.serve)


@main.command()
def worker() -> None:
    """Send what is queued, and seal the audit."""
    _run_or_refuse(lambda settings: asyncio.run(serving.work(settings)))


@main.command()
def migrate() -> None:
    """Bring the database up to date; safe when several processes do it at once."""
    _run_or_refuse(lambda settings: asyncio.run(serving.migrate(settings)))


@main.command(name="demo")
def play(
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,  # noqa: FBT002
) -> None:
    """Invented people, a real database and real mail: watch a meeting being convened."""
    raise SystemExit(demo.run(once=once))


@main.command(name="export-schema")
def export_schema() -> None:
    """Print the GraphQL schema."""
    sys.stdout.write(serving.sdl())


@main.command(name="register-documents")
def register_documents(
    files: Annotated[list[Path], typer.Argument(help="GraphQL documents of a client's.")],
) -> None:
    """Check documents and keep them in TAF_DOCUMENTS; prints each one's documentId."""
    _run_or_refuse(lambda settings: _register(settings, files))


def _register(settings: Settings, files: list[Path]) -> None:
    for path, document_id in zip(files, serving.register_documents(settings, files), strict=True):
        typer.echo(f"{document_id}  {path}")


@main.command(name="verify-audit")
def verify_audit(
    heads: Annotated[
        Path | None,
        typer.Option(
            help="Heads kept from an earlier run, to notice a missing tail.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Write the heads there, to keep, if all is well.", dir_okay=False),
    ] = None,
) -> None:
    """Recompute the audit's chains; exit 1 when one was edited, shortened or cut off."""
    _run_or_refuse(lambda settings: _verify(settings, heads, export))


def _verify(settings: Settings, heads: Path | None, export: Path | None) -> None:
    kept = _read_heads(heads) if heads else {}
    found, broken = asyncio.run(serving.verify_audit(settings, kept))
    for fault in broken:
        typer.echo(f"chain {fault.chain_id}, seal {fault.number}: {fault.why}", err=True)
    typer.echo(f"{len(found)} chains checked, {len(broken)} broken")
    if broken:  # the heads kept so far are the only proof of what is missing
        raise SystemExit(1)
    if export:
        _write_heads(export, found)


def _read_heads(path: Path) -> dict[UUID, Head]:
    """Errors: `HeadsUnreadable`."""
    try:
        kept = json.loads(path.read_text())
        return {UUID(chain): Head(int(number), str(seal)) for chain, (number, seal) in kept.items()}
    except (AttributeError, TypeError, ValueError):
        raise HeadsUnreadable(f"{path} cannot be read: give a file that --export wrote.") from None


def _write_heads(path: Path, heads: dict[UUID, Head]) -> None:
    path.write_text(
        json.dumps({str(chain): [head.number, head.hash] for chain, head in heads.items()})
    )


@main.command(name="establish-authority")
def establish_authority(
    code: Annotated[str, typer.Argument(help="Short and stable, such as derby.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    administrator: Annotated[str, typer.Option(help="The first administrator's name.")],
    issuer: Annotated[str, typer.Option(help="Who signs their tokens (iss).")],
    subject: Annotated[str, typer.Option(help="Who they are there (sub).")],
    locality: Annotated[list[str] | None, typer.Option(help="A locality; repeat for more.")] = None,
) -> None:
    """Set up an authority with default settings and its first administrator; once."""
    _run_or_refuse(
        lambda settings: asyncio.run(
            serving.establish_authority(
                settings,
                code=code,
                name=name,
                administrator=administrator,
                issuer=issuer,
                subject=subject,
                localities=tuple(locality or ()),
            )
        )
    )


def _run_or_refuse(act: Callable[[Settings], None]) -> None:
    """A setting that cannot work is one sentence, not a traceback."""
    try:
        act(Settings())
    except REFUSALS as refusal:
        typer.echo(_words(refusal), err=True)
        raise SystemExit(2) from None


def _words(refusal: Exception) -> str:
    """A setting's value is never repeated: it may be a secret."""
    if not isinstance(refusal, pydantic.ValidationError):
        return str(refusal)
    faults = refusal.errors(include_url=False, include_context=False, include_input=False)
    return "\n".join(": ".join((*map(_variable, fault["loc"]), fault["msg"])) for fault in faults)


def _variable(name: object) -> str:
    return f"TAF_{name}".upper()


if __name__ == "__main__":
    main()
