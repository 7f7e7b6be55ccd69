"""Webhooks: was a delivery signed with this store's secret, what do its headers say, and what we subscribe to."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.errors import AccessDenied, InvalidInput, QueryRefused
from core.shopify import shops
from core.shopify.client import ShopifyClient

TOPICS: Mapping[str, str | None] = MappingProxyType(
    {
        "orders/create": "read_orders",
        "orders/updated": "read_orders",
        "orders/cancelled": "read_orders",
        "orders/edited": "read_orders",
        "orders/delete": "read_orders",
        "refunds/create": "read_orders",
        "customers/create": "read_customers",
        "customers/update": "read_customers",
        "customers/delete": "read_customers",
        "customers/merge": "read_customer_merge",
        "products/create": "read_products",
        "products/update": "read_products",
        "products/delete": "read_products",
        "inventory_levels/update": "read_inventory",
        "checkouts/create": "read_orders",
        "checkouts/update": "read_orders",
        "checkouts/delete": "read_orders",
        "carts/update": "read_orders",
        "bulk_operations/finish": None,
        "app/uninstalled": None,
        "app/scopes_update": None,
        "shop/update": None,
    }
)
"""What we subscribe to, with the scope each topic needs."""

COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
"""The three topics of privacy law. Shopify lets an app ask for them in its own configuration only, and sends them for
as long as the app may hold data of a shop, however long ago it was disconnected here."""

_TOPIC = re.compile(r"\A[a-z_]{1,60}[/.][a-z_]{1,60}\Z")
_SIGNATURE = re.compile(r"\A[A-Za-z0-9+/]{43}=\Z")
_IDENTIFIER = re.compile(r"\A[\x21-\x7e]{1,100}\Z")


class Subscribed(StrEnum):
    """How asking for a topic, or giving it up, ended."""

    CREATED = "created"
    KEPT = "kept"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended for one topic; `reason` says why where it was refused."""

    topic: str
    result: Subscribed
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookHeaders:
    """A delivery's headers. Who the shop is stays a claim until the signature was verified with that shop's secret.

    `webhook_id` is the same in every repetition of one delivery; `event_id` is shared by all deliveries that one
    action caused. `triggered_at` has microseconds (Shopify sends nanoseconds).
    """

    webhook_id: str
    topic: str
    shop: str
    event_id: str | None = None
    api_version: str | None = None
    triggered_at: datetime | None = None
    signature: str | None = None

    @classmethod
    def parse(cls, headers: Mapping[str, str]) -> WebhookHeaders:
        """Read them, in any capitals, with or without the `X-` before `Shopify-`.

        Raises:
            InvalidShop: the shop's domain is not one of Shopify's.
            InvalidInput: a header that every delivery has is missing or malformed; the message names it.
        """
        said = {name.lower().removeprefix("x-"): value for name, value in headers.items()}
        return cls(
            webhook_id=_matching(said, "Shopify-Webhook-Id", _IDENTIFIER),
            topic=_matching(said, "Shopify-Topic", _TOPIC),
            shop=shops.normalise(_matching(said, "Shopify-Shop-Domain", _IDENTIFIER)),
            event_id=_optional(said.get("shopify-event-id")),
            api_version=_optional(said.get("shopify-api-version")),
            triggered_at=_instant(said.get("shopify-triggered-at")),
            signature=said.get("shopify-hmac-sha256"),
        )


def verify(raw: bytes, signature: str | None, secrets: Iterable[str]) -> bool:
    """Whether the raw bytes of a body were signed with one of `secrets` (an app's current and its last one).

    Every secret is tried, in a time that does not tell which fits. Junk of any kind is simply not a signature.
    """
    if not isinstance(signature, str):
        return False
    given = signature.encode("utf-8", "replace")
    verified = False
    for secret in secrets:
        # An empty secret would let everybody sign.
        verified |= hmac.compare_digest(sign(raw, secret).encode(), given) and secret != ""
    return verified


def is_signature(text: str | None) -> bool:
    """Whether this has the form of a signature: what has not need not be compared with any."""
    return text is not None and _SIGNATURE.match(text) is not None


def sign(raw: bytes, secret: str) -> str:
    """The signature that Shopify's deliveries carry in X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()


def subscribe(client: ShopifyClient, address: str, before: str | None = None) -> tuple[Outcome, ...]:
    """Have every topic of TOPICS sent to `address`, creating what is missing: asking again changes nothing.

    What still goes to `before`, the address we had, is given up once its topic comes here; other addresses are
    somebody else's. One outcome a topic, and one for each given up; a refused one says why, and the others stand.

    Raises:
        ShopifyError, ShopifyTransient: the subscriptions could not be listed, or Shopify stopped answering.
    """
    found = list(_subscriptions(client))
    have = {node["topic"] for node in found if node["uri"] == address}
    outcomes = [
        Outcome(topic, Subscribed.KEPT) if _enum(topic) in have else _create(client, topic, address)
        for topic in TOPICS
    ]
    if before in (None, address):
        return tuple(outcomes)
    refused = {_enum(each.topic) for each in outcomes if each.reason}
    # Better sent to where we were than to nobody.
    old = [node for node in found if node["uri"] == before and node["topic"] not in refused]
    return (*outcomes, *(_delete(client, node) for node in old))


def unsubscribe(client: ShopifyClient, address: str) -> tuple[Outcome, ...]:
    """Give up every subscription that sends to `address`. Raises as `subscribe`."""
    mine = [node for node in _subscriptions(client) if node["uri"] == address]
    return tuple(_delete(client, node) for node in mine)


def _matching(said: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = said.get(name.lower(), "")
    if not pattern.match(value):
        raise InvalidInput(
            f"The header X-{name} is {'malformed' if value else 'missing'}: this is no delivery of Shopify's"
        )
    return value


def _optional(value: str | None) -> str | None:
    return value if value and _IDENTIFIER.match(value) else None


def _instant(value: str | None) -> datetime | None:
    """The instant in UTC, None for what is none: the calendar's first and last years do not survive a time zone."""
    try:
        instant = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo and 2000 <= instant.year < 2200 else None


def _subscriptions(client: ShopifyClient) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = client.execute("webhook_subscriptions", {"after": after})["webhookSubscriptions"]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _create(client: ShopifyClient, topic: str, address: str) -> Outcome:
    variables = {"topic": _enum(topic), "subscription": {"uri": address, "format": "JSON"}}
    try:
        data = client.execute("webhook_subscribe", variables)
    except (AccessDenied, QueryRefused) as error:
        return Outcome(topic, Subscribed.REFUSED, str(error))
    problems = _problems(data["webhookSubscriptionCreate"])
    if not problems:
        return Outcome(topic, Subscribed.CREATED)
    if "already been taken" in problems:
        # Made in between, or by a first try whose answer was lost.
        return Outcome(topic, Subscribed.KEPT)
    return Outcome(topic, Subscribed.REFUSED, problems)


def _delete(client: ShopifyClient, node: Mapping[str, Any]) -> Outcome:
    problems = _problems(client.execute("webhook_unsubscribe", {"id": node["id"]})["webhookSubscriptionDelete"])
    if problems and "does not exist" not in problems:
        return Outcome(_name(node["topic"]), Subscribed.REFUSED, problems)
    return Outcome(_name(node["topic"]), Subscribed.DELETED)


def _problems(payload: Mapping[str, Any]) -> str:
    return "; ".join(str(problem["message"]) for problem in payload["userErrors"])


def _enum(topic: str) -> str:
    return topic.replace("/", "_").upper()


def _name(enum: str) -> str:
    """The topic of an enum value; one that is not ours keeps the enum's spelling."""
    return next((topic for topic in TOPICS if _enum(topic) == enum), enum)
