from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from taf_service.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TAF_{name.upper()}", raising=False)


class TestSettings:
    def test_are_safe_when_nothing_is_set(self) -> None:
        settings = Settings()

        assert not settings.demo
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
            Settings().demo = True  # type: ignore[misc]

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

    def test_want_the_workers_role_beside_the_services(self) -> None:
        with pytest.raises(ValidationError, match="TAF_WORKER_DATABASE_URL"):
            Settings(database_url="postgresql://taf_service@db/taf")
