"""Frozen settings, read from the environment once (`TAF_...`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Every switch of the service. Secrets have no defaults outside demo mode."""

    model_config = SettingsConfigDict(env_prefix="TAF_", frozen=True, extra="ignore")

    demo: bool = False
    """Invented people, invented sign-in tokens, mail to a local catcher."""

    var: Path = Path("var")
    """Where the embedded server, caught mail and demo secrets live."""

    database_url: str | None = None
    """The service's role (neither owner nor superuser). None: an embedded server in `var`."""
    worker_database_url: str | None = None
    owner_database_url: str | None = None
    """Only `migrate` uses the owner."""
    pool: int = Field(default=8, ge=1, le=200)

    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: str = "http://127.0.0.1:8000"
    """What links in mail start with."""

    jwks: str | None = None
    """A file or https URL with the keys that sign API clients' tokens."""
    jwt_issuer: str | None = None
    jwt_audience: str | None = None

    demo_tokens: dict[str, str] = {}
    """Invented bearer tokens and whose they are (JSON); demo mode only."""

    link_key: SecretStr | None = None
    """At least 32 characters; tokens in links are HMACs under it."""
    link_key_id: str = "1"

    lease_seconds: float = Field(default=30, ge=1, le=3600)
    """How long after a worker's death its messages wait for another."""

    mail_domain: str = "reply.taf.example"
    """Domain of organiser mailboxes and bounce tokens."""
    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 25
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["verified", "loopback-plain"] = "verified"
    smtp_ca_file: Path | None = None

    @model_validator(mode="after")
    def _urls_come_together(self) -> Settings:
        if self.database_url and not self.worker_database_url:
            raise ValueError("Set TAF_WORKER_DATABASE_URL beside TAF_DATABASE_URL.")
        return self
