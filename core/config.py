"""Settings, read once from the environment (and `.env`); a wrong or missing one refuses to start.

Every field below stands in `.env.example`, which a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigError
from core.network.addresses import Network, parse_networks
from core.network.mail import Relay, clean_sender

WEBHOOK_PATH = "/webhooks/shopify"

# The demo's user and app. They open nothing but the simulator, which listens on this machine only.
DEMO_USER = "demo@example.com"
DEMO_PASSWORD = "demo-password"  # noqa: S105
DEMO_SHOP = "demo-store.myshopify.com"
DEMO_CLIENT_ID = "3f1c0d9e5b7a4c2d8e6f0a1b2c3d4e5f"
DEMO_SECRET = "shpss_demo0000secret0000demo0000secret0"  # noqa: S105
DEMO_TOKEN = "shpat_demo0000token0000demo0000token000"  # noqa: S105
DEMO_TOKENS: Mapping[str, str] = MappingProxyType(
    {DEMO_SHOP: DEMO_TOKEN, "tidewater-coffee.myshopify.com": "shpat_tide0000token0000tide0000token000"}
)
"""The Admin API token of each of the demo's shops. The first shop is the one that pages open with."""


class Settings(BaseSettings):
    """One installation's settings. Names are the environment variables' in lower case."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    secret_key: SecretStr
    """Seals store credentials. At least 32 characters; keep it outside the database and its backups."""
    secret_key_previous: SecretStr | None = None
    """The key before the last rotation: it still opens its seals, and seals nothing."""
    database_url: SecretStr | None = None
    """postgresql://…; without it, the embedded PostgreSQL in `data_dir` is used."""
    migration_database_url: SecretStr | None = None
    """A login that owns the tables, for migrations only, where the one of `database_url` does not."""
    data_dir: Path = Path(".data")
    """Where the embedded PostgreSQL keeps its files."""
    embedded_db_user: str = "xeno-db"
    """The unprivileged OS user that runs the embedded PostgreSQL when we are started by root."""
    shopify_admin_url: str = "https://{shop}"
    """Template of a shop's Admin API address; the demo points it at the simulator."""
    shopify_client_id: str = ""
    """Client id of the operator's own app, which merchants install; empty: they bring an app of theirs."""
    shopify_client_secret: SecretStr | None = None
    """That app's secret."""
    shopify_client_secret_previous: SecretStr | None = None
    """Its secret before the last rotation: webhooks signed with it are still taken."""
    shopify_scopes: str = (
        "read_orders,read_products,read_customers,read_inventory,read_locations,read_returns,read_customer_merge"
    )
    """What that app asks a merchant for. Shopify has to approve read_all_orders before it may be asked for, and
    customers' names and addresses before read_reports is of any use."""
    keep_order_answers: bool = True
    """Whether Shopify's answer about each order is kept, compressed: a better mapping then reads none again."""
    public_webhook_url: str = ""
    """Where Shopify reaches the webhook receiver, such as https://hooks.example.com. Empty: no subscriptions."""
    public_url: str = "http://127.0.0.1:8501"
    """Where merchants reach the dashboard. With https, cookies are marked Secure."""
    trusted_proxies: str = ""
    """Addresses and networks of the reverse proxies whose X-Forwarded-For counts; empty: none."""
    dashboard_port: int = Field(8501, ge=1, le=65535)
    webhook_port: int = Field(8502, ge=1, le=65535)
    simulator_port: int = Field(8503, ge=1, le=65535)
    smtp_url: SecretStr | None = None
    """The mail server, such as smtps://user:password@mail.example.com; empty: links are copied instead."""
    mail_from: str = Field("", validate_default=True)
    """The sender of these mails."""
    demo: bool = False
    """Show the demo's sign-in on the sign-in page, and let the simulator's shop be connected."""
    registration_open: bool = True
    """Whether strangers may register, which needs mail; else accounts come by invitation or by the operator."""
    session_days: int = Field(14, ge=1, le=365)
    session_idle_days: int = Field(7, ge=1, le=365)
    """Days without use that end a session."""
    delivery_days: int = Field(30, ge=1, le=3650)
    """How long the bodies of deliveries that were applied are kept."""
    sync_minutes: int = Field(15, ge=1, le=1440)
    worker_concurrency: int = Field(4, ge=1, le=64)
    log_format: str = Field("console", pattern="^(console|json)$")

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters; make one with: openssl rand -hex 32")
        return value

    @field_validator("shopify_admin_url")
    @classmethod
    def _check_admin_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
            # Access tokens are sent to this address.
            raise ValueError("must be an https address, such as https://{shop}; http is for this machine alone")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: str) -> str:
        try:
            parse_networks(value)
        except ValueError:
            raise ValueError("must be addresses or networks, such as 127.0.0.1,10.0.0.0/8") from None
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of `trusted_proxies`."""
        return parse_networks(self.trusted_proxies)

    @field_validator("smtp_url")
    @classmethod
    def _check_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Relay.parse(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _clean_sender(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("smtp_url") is None:
            return value
        return clean_sender(value)

    @property
    def sends_mail(self) -> bool:
        """Whether links go by mail."""
        return self.smtp_url is not None

    @property
    def relay(self) -> tuple[Relay, str]:
        """The mail server, and the sender of our mails.

        Raises:
            ConfigError: SMTP_URL is not set.
        """
        if self.smtp_url is None:
            raise ConfigError("SMTP_URL is not set; without it there is no mail.")
        return Relay.parse(self.smtp_url.get_secret_value()), self.mail_from

    @property
    def simulator_url(self) -> str | None:
        """The simulator's address, such as http://127.0.0.1:8503; None where stores are at Shopify itself."""
        parts = urlsplit(self.shopify_admin_url)
        return f"http://{parts.netloc}" if parts.scheme == "http" else None

    @property
    def webhook_address(self) -> str:
        """The full address that Shopify posts deliveries to; empty when no public address is set."""
        base = self.public_webhook_url.rstrip("/")
        return base if not base or base.endswith(WEBHOOK_PATH) else base + WEBHOOK_PATH

    @property
    def receiver_address(self) -> str:
        """The receiver's public address without a path; empty when none is set."""
        return self.public_webhook_url.rstrip("/").removesuffix(WEBHOOK_PATH)

    @property
    def offers_install(self) -> bool:
        """Whether merchants can install the operator's own app."""
        return bool(self.shopify_client_id and self.shopify_client_secret and self.receiver_address)

    @property
    def secure_cookies(self) -> bool:
        """Whether merchants reach the dashboard over https only."""
        return urlsplit(self.public_url).scheme == "https"


@cache
def settings() -> Settings:
    """Return the process's settings, read once.

    Raises:
        ConfigError: a setting is missing or wrong; the message names it and says how to write it.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills it
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: ErrorDetails) -> str:
    """Return one problem as a sentence. It never quotes the value, which may be a secret."""
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "missing":
        return f"{name} is not set; see .env.example for what it is"
    return f"{name} {problem['msg'].removeprefix('Value error, ')}"
