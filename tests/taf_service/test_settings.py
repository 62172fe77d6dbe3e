from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from taf_service.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TAF_{name.upper()}", raising=False)


class TestSettings:
    def test_are_safe_when_nothing_is_set(self) -> None:
        settings = Settings()

        assert not settings.demo
        assert (settings.only_trusted, settings.documents, settings.processes) == (False, None, 1)
        assert settings.host == "127.0.0.1"
        assert settings.smtp_tls == "verified"
        assert (settings.link_key, settings.jwks, settings.demo_tokens) == (None, None, {})

    def test_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TAF_PORT", "8123")
        monkeypatch.setenv("TAF_DEMO_TOKENS", '{"demo-lead": "lead"}')
        monkeypatch.setenv("TAF_LINK_KEY", "k" * 32)

        settings = Settings()

        assert settings.port == 8123
        assert settings.demo_tokens == {"demo-lead": "lead"}
        assert settings.link_key == SecretStr("k" * 32)

    def test_do_not_change(self) -> None:
        with pytest.raises(ValidationError):
            Settings().demo = True

    def test_show_no_secret(self) -> None:
        settings = Settings(link_key=SecretStr("k" * 32), smtp_password=SecretStr("mailsecret"))

        assert "kkk" not in repr(settings)
        assert "mailsecret" not in repr(settings)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("port", "65536"),
            ("port", "http"),
            ("pool", "0"),
            ("processes", "0"),
            ("only_trusted", "perhaps"),
            ("smtp_tls", "none"),
            ("demo", "perhaps"),
            ("lease_seconds", "0"),
        ],
    )
    def test_refuse_what_cannot_work(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"TAF_{name.upper()}", value)

        with pytest.raises(ValidationError) as refusal:
            Settings()
        assert [error["loc"] for error in refusal.value.errors()] == [(name,)]

    def test_name_domains_with_a_policy_of_their_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            "TAF_SMTP_TLS_EXCEPTIONS",
            '{"School.Example": "verified", "mail.xn--caf-dma.example": "loopback-plain"}',
        )

        assert Settings().smtp_tls_exceptions == {
            "school.example": "verified",
            "mail.xn--caf-dma.example": "loopback-plain",
        }

    @pytest.mark.parametrize(
        ("domain", "policy"),
        [
            ("school.example", "none"),
            ("school.example", ""),
            ("", "verified"),
            ("example", "verified"),
            ("*.example", "verified"),
            (".school.example", "verified"),
            ("school.example.", "verified"),
            ("school..example", "verified"),
            ("school.example\n", "verified"),
            ("-school.example", "verified"),
            ("caf\u00e9.example", "verified"),
            ("sch\u043eol.example", "verified"),  # a Cyrillic letter
            ("jane@school.example", "verified"),
            ("school.example,other.example", "verified"),
            (f"{'a' * 64}.example", "verified"),
            (f"{'a.' * 130}example", "verified"),
        ],
    )
    def test_refuse_what_is_no_domain_or_no_policy(
        self, monkeypatch: pytest.MonkeyPatch, domain: str, policy: str
    ) -> None:
        monkeypatch.setenv("TAF_SMTP_TLS_EXCEPTIONS", json.dumps({domain: policy}))

        with pytest.raises(ValidationError) as refusal:
            Settings()
        assert [error["loc"] for error in refusal.value.errors()] == [("smtp_tls_exceptions",)]

    def test_refuse_two_policies_for_one_domain(self) -> None:
        twice = {"school.example": "verified", "School.example": "loopback-plain"}

        with pytest.raises(ValidationError, match="Write it like"):
            Settings(smtp_tls_exceptions=twice)

    def test_refuse_exceptions_that_are_not_written_as_json(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TAF_SMTP_TLS_EXCEPTIONS", "school.example=verified")

        with pytest.raises(SettingsError, match="smtp_tls_exceptions"):
            Settings()

    @pytest.mark.parametrize(
        "in_clear",
        [
            {"smtp_tls": "loopback-plain"},
            {"smtp_tls_exceptions": {"school.example": "loopback-plain"}},
        ],
    )
    def test_let_mail_go_in_clear_to_this_machine_alone(self, in_clear: dict[str, Any]) -> None:
        for host in ("127.0.0.1", "::1", "localhost"):
            assert Settings(**in_clear, smtp_host=host)
        for host in ("mail.council.example", "10.0.0.1", "localhost.example"):
            with pytest.raises(ValidationError, match="on this machine"):
                Settings(**in_clear, smtp_host=host)

    def test_want_the_workers_role_beside_the_services(self) -> None:
        with pytest.raises(ValidationError, match="TAF_WORKER_DATABASE_URL"):
            Settings(database_url="postgresql://taf_service@db/taf")
