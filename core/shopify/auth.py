"""The three kinds of credentials: a custom app's Admin API token, a client id with its secret, or the operator's own
app.

The app's secret signs the webhooks, so the credentials of a merchant's own app include it. The operator's app is
installed (see `core.shopify.oauth`); its secret is in the settings, not with each store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from requests.adapters import BaseAdapter

from core.errors import CredentialsRefused, InvalidInput, PermanentError, ShopifyDown, ShopUnavailable, Throttled
from core.shopify import shops, wire
from core.shopify.credential_kind import CredentialKind

NEEDED_SCOPES = {
    "read_orders": "there are no orders, and no sales figures",
    "read_products": "sales have no products",
    "read_customers": "orders have no names, and no customer counts as returning",
}
"""Scopes that the app needs, and the loss without each, as the end of a sentence."""

WANTED_SCOPES = {
    "read_all_orders": "Shopify shows the orders of the last 60 days only",
    "read_inventory": "stock is known in total only, not by location",
    "read_locations": "locations have numbers instead of names, and moved stock is noticed late",
    "read_returns": "returns have no reasons",
    "read_customer_merge": "a customer who was merged counts as two",
    "read_reports": "days are compared by their orders only, not by Shopify's own totals",
}
"""Optional scopes, and the loss without each, as the end of a sentence."""

ALL_SCOPES = (*NEEDED_SCOPES, *WANTED_SCOPES)

READ_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "products": ("read_products",),
        "customers": ("read_customers",),
        "orders": ("read_orders",),
        "checkouts": ("read_orders",),
        "inventory": ("read_inventory",),
        "locations": ("read_inventory", "read_locations"),
    }
)
"""The parts of a store, and the scopes that each needs."""

OPTIONAL = frozenset({"checkouts", "inventory", "locations"})
"""Optional parts: a sync goes on without them if Shopify refuses them in spite of the scopes."""

_PAST = (*NEEDED_SCOPES, "read_all_orders", "read_inventory", "read_returns")
"""Scopes that also show records from before they were granted."""


@dataclass(frozen=True, slots=True)
class AdminToken:
    """A custom app's Admin API access token, which does not expire, and the app's secret.

    Raises:
        InvalidInput: one of them has the wrong form.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _strip(self, "token", "Admin API access token")
        _strip(self, "secret", "API secret key")
        if self.token.startswith("shpss_"):
            raise InvalidInput(
                "This access token is an API secret key (shpss_…); paste the Admin API access token (shpat_…)."
            )

    @property
    def webhook_secret(self) -> str:
        """The secret that signs this store's webhooks."""
        return self.secret

    def to_json(self) -> dict[str, str]:
        """Return plain text, for sealing and nothing else."""
        return {"kind": CredentialKind.ADMIN_TOKEN, "token": self.token, "secret": self.secret}


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An app's client id and secret, which buy access tokens of 24 hours (client credentials grant).

    Raises:
        InvalidInput: one of them has the wrong form.
    """

    client_id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _strip(self, "client_id", "client id")
        _strip(self, "secret", "client secret")

    @property
    def webhook_secret(self) -> str:
        """The secret that signs this store's webhooks."""
        return self.secret

    def to_json(self) -> dict[str, str]:
        """Return plain text, for sealing and nothing else."""
        return {"kind": CredentialKind.CLIENT_CREDENTIALS, "client_id": self.client_id, "secret": self.secret}


@dataclass(frozen=True, slots=True)
class InstalledApp:
    """The operator's app, installed on the shop. Its tokens are stored separately; its secret is in the settings."""

    client_id: str

    def to_json(self) -> dict[str, str]:
        """Return the stored form; it has no secret."""
        return {"kind": CredentialKind.INSTALLED_APP, "client_id": self.client_id}


Credentials = AdminToken | ClientCredentials | InstalledApp


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token for the Admin API. `expires_at` is None if it does not expire, `scopes` if Shopify did not name them.

    `refresh_token` buys the next pair until `refresh_expires_at`; None where another way leads to the next token.
    """

    value: str = field(repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    refresh_token: str | None = field(default=None, repr=False)
    refresh_expires_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain text, for sealing and nothing else."""
        return {
            "value": self.value,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "scopes": list(self.scopes) if self.scopes is not None else None,
            "refresh_token": self.refresh_token,
            "refresh_expires_at": self.refresh_expires_at.isoformat() if self.refresh_expires_at else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AccessToken:
        """Read a token that `to_json` wrote."""
        ends, refresh_ends = (
            datetime.fromisoformat(value[name]) if value[name] else None
            for name in ("expires_at", "refresh_expires_at")
        )
        scopes = tuple(value["scopes"]) if value["scopes"] is not None else None
        return cls(value["value"], ends, scopes, value["refresh_token"], refresh_ends)


def credentials_from_json(value: Mapping[str, Any]) -> Credentials:
    """Read credentials that `to_json` wrote."""
    match value.get("kind"):
        case CredentialKind.INSTALLED_APP:
            return InstalledApp(value["client_id"])
        case CredentialKind.ADMIN_TOKEN:
            return AdminToken(value["token"], value["secret"])
        case CredentialKind.CLIENT_CREDENTIALS:
            return ClientCredentials(value["client_id"], value["secret"])
    raise InvalidInput("The stored credentials cannot be used; connect the store again.")


def fetch_access_token(
    shop: str,
    credentials: AdminToken | ClientCredentials,
    *,
    admin_url: str,
    now: datetime,
    transport: BaseAdapter | None = None,
) -> AccessToken:
    """Return a token for `shop`: the given one, or a new one from the client credentials grant.

    Raises:
        InvalidShop: `shop` is not a myshopify.com domain; nothing was sent.
        CredentialsRefused: Shopify does not accept them; the message has the cure.
        ShopUnavailable: there is no such shop, or it is closed.
        Throttled, ShopifyDown: retry later.
    """
    if isinstance(credentials, AdminToken):
        return AccessToken(credentials.token)
    body = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.secret,
    }
    return request_tokens(shop, body, _refused, admin_url=admin_url, now=now, transport=transport)


def request_tokens(
    shop: str,
    body: Mapping[str, str],
    refused: Callable[[str], PermanentError],
    *,
    admin_url: str,
    now: datetime,
    transport: BaseAdapter | None = None,
) -> AccessToken:
    """Request tokens from the shop's token endpoint; `refused` makes an error of Shopify's code for a refusal.

    Raises:
        InvalidShop: `shop` is not a myshopify.com domain; nothing was sent.
        ShopUnavailable, Throttled, ShopifyDown: as `fetch_access_token`; and the error that `refused` makes.
    """
    base = shops.admin_base(shop, admin_url)
    with wire.open_session(base, transport) as session:
        answer = wire.post(session, f"{base}/admin/oauth/access_token", body, {"Accept": "application/json"})
    _refuse(answer, shop, refused)
    return _granted(answer.json, now)


def missing_scopes(granted: Iterable[str], of: Iterable[str] = NEEDED_SCOPES) -> tuple[str, ...]:
    """List the scopes of `of` that `granted` lacks. A write scope includes its read scope, which Shopify then does
    not list."""
    scopes = set(granted)
    scopes |= {"read_" + scope.removeprefix("write_") for scope in scopes if scope.startswith("write_")}
    return tuple(scope for scope in of if scope not in scopes)


def may_read(granted: Iterable[str], what: str) -> bool:
    """Whether the scopes suffice for this entry of `READ_BY`."""
    return not missing_scopes(granted, READ_BY[what])


def shows_more(granted: Iterable[str], before: Iterable[str]) -> bool:
    """Whether `granted` shows records that existed already but that the scopes `before` did not show."""
    return not set(missing_scopes(before, _PAST)) <= set(missing_scopes(granted, _PAST))


def _strip(credentials: object, name: str, label: str) -> None:
    """Strip spaces around a pasted value; refuse a value that cannot stand in a header."""
    value = str(getattr(credentials, name)).strip()
    if not value:
        raise InvalidInput(f"The {label} is missing; copy it from the app's settings in Shopify.")
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > 500:
        raise InvalidInput(f"The {label} has invalid characters; copy it again from the app's settings in Shopify.")
    object.__setattr__(credentials, name, value)


_REFUSALS = {
    "shop_not_permitted": ("This app may not access this store: both must belong to the same Shopify organization"),
    "app_not_installed": "The app is not installed on this store; install it in Shopify and connect again",
    "application_cannot_be_found": "Shopify has no app with this client id; copy it again from the app's settings",
    "invalid_client": ("This client id and secret do not match; copy both again from the app's settings"),
}


def _refused(code: str) -> CredentialsRefused:
    return CredentialsRefused(_REFUSALS.get(code, _REFUSALS["invalid_client"]))


def _refuse(answer: wire.Answer, shop: str, refused: Callable[[str], PermanentError]) -> None:
    if answer.status == 200:
        return
    if answer.status == 429:
        raise Throttled("Shopify limits the rate of requests; try again in a minute.", answer.retry_after)
    if answer.status >= 500:
        raise ShopifyDown("Shopify is having problems; Xeno will retry.", answer.retry_after)
    if answer.status in (400, 401, 403):
        code = answer.json.get("error") if isinstance(answer.json, dict) else None
        raise refused(str(code))
    # 404, and 3xx where a shop was renamed; 402 frozen, 423 locked.
    raise ShopUnavailable(f"{shop} does not exist at Shopify or is closed; check the address and the store's plan.")


def _granted(body: Any, now: datetime) -> AccessToken:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise ShopifyDown("Shopify sent no access token; Xeno will retry.")
    scopes, refresh_token = body.get("scope"), body.get("refresh_token")
    return AccessToken(
        body["access_token"],
        _in_seconds(body.get("expires_in"), now),
        tuple(re.findall(r"[^,\s]+", scopes)) if isinstance(scopes, str) else None,
        refresh_token if isinstance(refresh_token, str) else None,
        _in_seconds(body.get("refresh_token_expires_in"), now),
    )


def _in_seconds(seconds: Any, now: datetime) -> datetime | None:
    return now + timedelta(seconds=seconds) if isinstance(seconds, int) else None
