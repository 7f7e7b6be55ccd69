"""The two ways in that need no review by Shopify: a custom app's Admin API token, or a client id with its secret.

Either way the app's secret signs the webhooks, so both kinds of credentials carry it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from core.errors import CredentialsRefused, InvalidInput, ShopifyDown, ShopUnavailable, Throttled
from core.shopify import shops, wire

NEEDED_SCOPES = {
    "read_orders": "orders and refunds: every sales figure",
    "read_products": "products and variants: sales by product",
    "read_customers": "customers: new and returning ones",
}
"""What the app must be granted, and what for."""

WANTED_SCOPES = {"read_all_orders": "orders older than 60 days: without it Shopify shows the last 60 days only"}
"""What the app can do without, and what is lost then."""


@dataclass(frozen=True, slots=True)
class AdminToken:
    """A custom app's Admin API access token, which does not expire, and the app's secret.

    Raises:
        InvalidInput: one of them cannot be what it should be.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _strip(self, "token", "Admin API access token")
        _strip(self, "secret", "API secret key")
        if self.token.startswith("shpss_"):
            raise InvalidInput(
                "This access token is an API secret key (shpss_…); paste the Admin API access token (shpat_…)"
            )

    @property
    def webhook_secret(self) -> str:
        """What signs this store's webhooks."""
        return self.secret

    def to_json(self) -> dict[str, str]:
        """Plain text, for sealing and nothing else."""
        return {"kind": "admin_token", "token": self.token, "secret": self.secret}


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An app's client id and secret, which buy access tokens of 24 hours (client credentials grant).

    Raises:
        InvalidInput: one of them cannot be what it should be.
    """

    client_id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _strip(self, "client_id", "client id")
        _strip(self, "secret", "client secret")

    @property
    def webhook_secret(self) -> str:
        """What signs this store's webhooks."""
        return self.secret

    def to_json(self) -> dict[str, str]:
        """Plain text, for sealing and nothing else."""
        return {"kind": "client_credentials", "client_id": self.client_id, "secret": self.secret}


Credentials = AdminToken | ClientCredentials


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What opens the Admin API. `expires_at` is None if it does not expire, `scopes` if Shopify did not tell."""

    value: str = field(repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None


def credentials_from_json(value: Mapping[str, Any]) -> Credentials:
    """The credentials that `to_json` wrote."""
    match value.get("kind"):
        case "admin_token":
            return AdminToken(value["token"], value["secret"])
        case "client_credentials":
            return ClientCredentials(value["client_id"], value["secret"])
    raise InvalidInput("The stored credentials are of an unknown kind; connect the store again")


def access_token(
    shop: str, credentials: Credentials, *, admin_url: str, now: datetime, transport: BaseAdapter | None = None
) -> AccessToken:
    """A token for `shop`: the one we have, or a new one from the client credentials grant.

    Raises:
        InvalidShop: `shop` is not a myshopify.com domain; nothing was sent.
        CredentialsRefused: Shopify does not accept them; the message says what to do.
        ShopUnavailable: there is no such shop, or it is closed.
        Throttled, ShopifyDown: worth another try later.
    """
    if isinstance(credentials, AdminToken):
        return AccessToken(credentials.token)
    base = shops.admin_base(shop, admin_url)
    body = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.secret,
    }
    with wire.open_session(base, transport) as session:
        answer = wire.post(session, f"{base}/admin/oauth/access_token", body, {"Accept": "application/json"})
    _refuse(answer, shop)
    return _granted(answer.json, now)


def missing_scopes(granted: Iterable[str], of: Iterable[str] = NEEDED_SCOPES) -> tuple[str, ...]:
    """Those of `of` that `granted` lacks. A write scope includes its read scope, which Shopify then leaves out."""
    have = set(granted)
    have |= {"read_" + scope.removeprefix("write_") for scope in have if scope.startswith("write_")}
    return tuple(scope for scope in of if scope not in have)


def _strip(credentials: object, name: str, called: str) -> None:
    """Take off what was pasted around a value; refuse what could not stand in a header."""
    value = str(getattr(credentials, name)).strip()
    if not value:
        raise InvalidInput(f"The {called} is missing; copy it from the app's settings in Shopify")
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > 500:
        raise InvalidInput(
            f"The {called} has characters that none has; copy it again from the app's settings in Shopify"
        )
    object.__setattr__(credentials, name, value)


_REFUSALS = {
    "shop_not_permitted": (
        "Shopify does not let this app into this store: app and store must belong to the same organisation"
    ),
    "app_not_installed": "The app is not installed on this store; install it in Shopify and connect again",
    "application_cannot_be_found": "Shopify knows no app with this client id; copy it again from the app's settings",
    "invalid_client": (
        "Shopify does not accept this client id and secret together; copy both again from the app's settings"
    ),
}


def _refuse(answer: wire.Answer, shop: str) -> None:
    if answer.status == 200:
        return
    if answer.status == 429:
        raise Throttled("Shopify asks to wait before the next try", answer.retry_after)
    if answer.status >= 500:
        raise ShopifyDown("Shopify has trouble at the moment; it is tried again later", answer.retry_after)
    if answer.status in (400, 401, 403):
        code = answer.json.get("error") if isinstance(answer.json, dict) else None
        raise CredentialsRefused(_REFUSALS.get(str(code), _REFUSALS["invalid_client"]))
    # 404, and 3xx where a shop was renamed; 402 frozen, 423 locked.
    raise ShopUnavailable(f"{shop} does not exist at Shopify or is closed; check the address and the store's plan")


def _granted(body: Any, now: datetime) -> AccessToken:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise ShopifyDown("Shopify's answer holds no access token; it is tried again later")
    seconds, scopes = body.get("expires_in"), body.get("scope")
    return AccessToken(
        body["access_token"],
        now + timedelta(seconds=seconds) if isinstance(seconds, int) else None,
        tuple(re.findall(r"[^,\s]+", scopes)) if isinstance(scopes, str) else None,
    )
