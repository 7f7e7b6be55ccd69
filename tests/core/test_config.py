"""Settings are read once. The error names a missing or wrong one and its right form, and never shows its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Settings, settings
from core.errors import ConfigError

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set but a key."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SECRET_KEY", KEY)


def read() -> Settings:
    settings.cache_clear()
    try:
        return settings()
    finally:
        settings.cache_clear()


def test_a_key_is_all_that_has_to_be_set() -> None:
    found = read()

    assert found.secret_key.get_secret_value() == KEY
    assert found.database_url is None, "the embedded one"
    assert (found.dashboard_port, found.webhook_port) == (8501, 8502)
    assert found.shopify_admin_url == "https://{shop}"
    assert found.webhook_address == ""


def test_settings_are_read_once() -> None:
    settings.cache_clear()
    assert settings() is settings()
    settings.cache_clear()


def test_a_missing_key_says_where_to_read_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")

    with pytest.raises(ConfigError, match=r"^SECRET_KEY is not set; see \.env\.example for what it is$"):
        read()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "SMTP_URL",
            "mail.example.com",
            "SMTP_URL must be an address such as smtps://user:password@mail.example.com",
        ),
        (
            "SECRET_KEY",
            "too short",
            "SECRET_KEY must have at least 32 characters; make one with: openssl rand -hex 32",
        ),
        (
            "SHOPIFY_ADMIN_URL",
            "ftp://{shop}",
            "SHOPIFY_ADMIN_URL must be an https address, such as https://{shop}; http is for this machine alone",
        ),
        ("DASHBOARD_PORT", "70000", "DASHBOARD_PORT Input should be less than or equal to 65535"),
        ("WEBHOOK_PORT", "eighty", "WEBHOOK_PORT Input should be a valid integer"),
        ("SESSION_DAYS", "0", "SESSION_DAYS Input should be greater than or equal to 1"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT String should match pattern"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as refused:
        read()
    assert str(refused.value).startswith(sentence)
    if name == "SECRET_KEY":
        assert value not in str(refused.value)


def test_all_wrong_settings_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SYNC_MINUTES", "0")

    with pytest.raises(ConfigError, match=r"SECRET_KEY is not set.*; SYNC_MINUTES"):
        read()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a copied .env.example has it."""
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("WEBHOOK_PORT", "")

    assert (read().database_url, read().webhook_port) == (None, 8502)


def test_a_printed_setting_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://xeno:geheim@db/xeno")

    assert KEY not in repr(read())
    assert "geheim" not in repr(read())


@pytest.mark.parametrize(
    ("public", "address"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/webhooks/shopify"),
        ("https://hooks.example.com/", "https://hooks.example.com/webhooks/shopify"),
        ("https://example.com/xeno", "https://example.com/xeno/webhooks/shopify"),
        ("https://hooks.example.com/webhooks/shopify", "https://hooks.example.com/webhooks/shopify"),
    ],
)
def test_shopify_gets_the_full_address_of_the_receiver(
    monkeypatch: pytest.MonkeyPatch, public: str, address: str
) -> None:
    monkeypatch.setenv("PUBLIC_WEBHOOK_URL", public)

    assert read().webhook_address == address


@pytest.mark.parametrize(("url", "secure"), [("https://xeno.example.com", True), ("http://127.0.0.1:8501", False)])
def test_cookies_are_secure_where_merchants_come_by_https(
    monkeypatch: pytest.MonkeyPatch, url: str, secure: bool
) -> None:
    monkeypatch.setenv("PUBLIC_URL", url)

    assert read().secure_cookies is secure


def test_a_file_beside_the_project_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("WEBHOOK_PORT=9000\nSYNC_MINUTES=5\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("SYNC_MINUTES", "30")

    found = Settings(_env_file=tmp_path / ".env")  # type: ignore[call-arg]

    assert (found.webhook_port, found.sync_minutes) == (9000, 30)


def test_trusted_proxies_that_are_no_addresses_refuse_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, my-proxy")
    with pytest.raises(ConfigError, match=r"TRUSTED_PROXIES must be addresses or networks, such as 127\.0\.0\.1"):
        read()


def test_a_mail_server_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not read().sends_mail
    monkeypatch.setenv("SMTP_URL", "smtps://user:hidden-word@mail.example.com")
    with pytest.raises(ConfigError, match=r"^MAIL_FROM must be an address such as xeno@example\.com") as refused:
        read()
    assert "hidden-word" not in str(refused.value)
    monkeypatch.setenv("MAIL_FROM", "Xeno <xeno@example.com>")
    assert read().sends_mail
    assert "hidden-word" not in repr(read())
