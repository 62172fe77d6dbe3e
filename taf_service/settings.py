"""Frozen settings, read from the environment once (`TAF_...`)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# RFC 1035 2.3.1, and 253 characters in all; other alphabets in their ASCII form (RFC 5891).
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")

Port = Annotated[int, Field(ge=0, le=65535)]
Tls: TypeAlias = Literal["verified", "loopback-plain"]


def _by_domain(policies: dict[str, str]) -> dict[str, str]:
    """One sentence for all of it, however deep the fault lies."""
    known = {domain.lower(): policy for domain, policy in policies.items()}
    are_domains = len(known) == len(policies) and all(map(_DOMAIN.fullmatch, known))
    if not are_domains or not set(known.values()) <= set(get_args(Tls)):
        raise ValueError('Write it like {"school.example": "verified"}.')
    return known


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
    """Connections to change with, in each web process."""
    readers: int = Field(default=4, ge=1, le=200)
    """Connections to read with: more than PostgreSQL has processors for only get in one another's
    way, because each keeps plans of its own."""

    documents: Path | None = None
    """A folder of documents that clients registered, beside the service's own."""
    only_trusted: bool = False
    """Nothing but registered documents may run."""

    processes: int = Field(default=1, ge=1, le=64)
    """How many web processes `taf serve` keeps up; each has its own `pool`."""
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
    smtp_tls: Tls = "verified"
    smtp_tls_exceptions: Annotated[dict[str, str], AfterValidator(_by_domain)] = {}
    """Recipient domains with a policy of their own (JSON: domain to policy)."""
    smtp_ca_file: Path | None = None

    @model_validator(mode="after")
    def _urls_come_together(self) -> Settings:
        if self.database_url and not self.worker_database_url:
            raise ValueError("Set TAF_WORKER_DATABASE_URL beside TAF_DATABASE_URL.")
        return self

    @model_validator(mode="after")
    def _mail_goes_in_clear_to_this_machine_alone(self) -> Settings:
        in_clear = "loopback-plain" in {self.smtp_tls, *self.smtp_tls_exceptions.values()}
        if in_clear and not _is_loopback(self.smtp_host):
            raise ValueError("loopback-plain is for a TAF_SMTP_HOST on this machine.")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
