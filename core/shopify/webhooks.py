"""Webhooks: verify a delivery's signature, read its headers, and subscribe to topics."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import AccessDenied, InvalidInput, QueryRefused
from core.shopify import shops
from core.shopify.client import ShopifyClient
from core.shopify.wire import Json

TOPICS: Mapping[str, str | None] = MappingProxyType(
    {
        "orders/create": "read_orders",
        "orders/updated": "read_orders",
        "orders/cancelled": "read_orders",
        "orders/edited": "read_orders",
        "orders/delete": "read_orders",
        "refunds/create": "read_orders",
        "returns/request": "read_returns",
        "returns/approve": "read_returns",
        "returns/decline": "read_returns",
        "returns/cancel": "read_returns",
        "returns/process": "read_returns",
        "returns/update": "read_returns",
        "returns/close": "read_returns",
        "returns/reopen": "read_returns",
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
        "carts/create": "read_orders",
        "carts/update": "read_orders",
        "bulk_operations/finish": None,
        "app/uninstalled": None,
        "app/scopes_update": None,
        "shop/update": None,
    }
)
"""The topics to subscribe to, with the scope that each needs."""

COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
"""The three topics of privacy law. Only an app's configuration at Shopify can subscribe to them. Shopify sends them
as long as the app may hold data of a shop, even after the shop was disconnected here."""

_TOPIC = re.compile(r"\A[a-z_]{1,60}[/.][a-z_]{1,60}\Z")
_SIGNATURE = re.compile(r"\A[A-Za-z0-9+/]{43}=\Z")
_IDENTIFIER = re.compile(r"\A[\x21-\x7e]{1,100}\Z")


class Subscribed(StrEnum):
    """The result of subscribing to a topic, or of unsubscribing."""

    CREATED = "created"
    KEPT = "kept"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one topic; `reason` is why Shopify refused it."""

    topic: str
    result: Subscribed
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookHeaders:
    """A delivery's headers. The shop is a claim until the signature is verified with that shop's secret.

    Each retry of one delivery has the same `webhook_id`; all deliveries caused by one action share an `event_id`.
    `triggered_at` has microseconds (Shopify sends nanoseconds).
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
        """Read the headers, in any capitals, with or without the `X-` before `Shopify-`.

        Raises:
            InvalidShop: the shop's domain is not one of Shopify's.
            InvalidInput: a header that every delivery has is missing or malformed; the message names the header.
        """
        values = {name.lower().removeprefix("x-"): value for name, value in headers.items()}
        return cls(
            webhook_id=_matching(values, "Shopify-Webhook-Id", _IDENTIFIER),
            topic=_matching(values, "Shopify-Topic", _TOPIC),
            shop=shops.normalise(_matching(values, "Shopify-Shop-Domain", _IDENTIFIER)),
            event_id=_optional(values.get("shopify-event-id")),
            api_version=_optional(values.get("shopify-api-version")),
            triggered_at=_instant(values.get("shopify-triggered-at")),
            signature=values.get("shopify-hmac-sha256"),
        )


def verify(raw: bytes, signature: str | None, secrets: Iterable[str]) -> bool:
    """Whether the raw bytes of a body were signed with one of `secrets` (an app's current and its previous one).

    It tries every secret, so that its time does not reveal which one matches. A malformed signature matches none.
    """
    if not isinstance(signature, str):
        return False
    signed = signature.encode("utf-8", "replace")
    verified = False
    for secret in secrets:
        # Anyone can sign with an empty secret.
        verified |= hmac.compare_digest(sign(raw, secret).encode(), signed) and secret != ""
    return verified


def is_signature(text: str | None) -> bool:
    """Whether the text has the form of a signature; no other text can match."""
    return text is not None and _SIGNATURE.match(text) is not None


def sign(raw: bytes, secret: str) -> str:
    """Make the signature that Shopify's deliveries carry in X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()


def subscribe(client: ShopifyClient, address: str, before: str | None = None) -> tuple[Outcome, ...]:
    """Subscribe `address` to every topic of TOPICS, creating missing subscriptions: a second call changes nothing.

    Subscriptions of `before`, the previous address, are deleted once their topic has one here. Subscriptions of
    other addresses stay: another installation may use them. Returns an outcome a topic, and one a deletion; a refused
    topic does not stop the others.

    Raises:
        ShopifyError, ShopifyTransient: the subscriptions could not be listed, or Shopify stopped answering.
    """
    subscriptions = list(_subscriptions(client))
    subscribed_topics = {node["topic"] for node in subscriptions if node["uri"] == address}
    outcomes = [
        Outcome(topic, Subscribed.KEPT) if _enum(topic) in subscribed_topics else _create(client, topic, address)
        for topic in TOPICS
    ]
    if before in (None, address):
        return tuple(outcomes)
    refused = {_enum(outcome.topic) for outcome in outcomes if outcome.reason}
    # Topics that Shopify refused for the new address stay subscribed at the old one: their deliveries are not lost.
    replaced = [node for node in subscriptions if node["uri"] == before and node["topic"] not in refused]
    return (*outcomes, *(_delete(client, node) for node in replaced))


def unsubscribe(client: ShopifyClient, address: str) -> tuple[Outcome, ...]:
    """Delete every subscription that sends to `address`. Raises as `subscribe`."""
    subscriptions = [node for node in _subscriptions(client) if node["uri"] == address]
    return tuple(_delete(client, node) for node in subscriptions)


def _matching(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = headers.get(name.lower(), "")
    if not pattern.match(value):
        raise InvalidInput(
            f"The header X-{name} is {'malformed' if value else 'missing'}: this is no delivery of Shopify's."
        )
    return value


def _optional(value: str | None) -> str | None:
    return value if value and _IDENTIFIER.match(value) else None


def _instant(value: str | None) -> datetime | None:
    """Read an instant in UTC; None for a malformed one. Years near the calendar's ends would overflow in another time
    zone."""
    try:
        instant = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo and 2000 <= instant.year < 2200 else None


def _subscriptions(client: ShopifyClient) -> Iterator[Json]:
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
        # Another process made it since, or a first try did whose answer was lost.
        return Outcome(topic, Subscribed.KEPT)
    return Outcome(topic, Subscribed.REFUSED, problems)


def _delete(client: ShopifyClient, node: Json) -> Outcome:
    problems = _problems(client.execute("webhook_unsubscribe", {"id": node["id"]})["webhookSubscriptionDelete"])
    if problems and "does not exist" not in problems:
        return Outcome(_name(node["topic"]), Subscribed.REFUSED, problems)
    return Outcome(_name(node["topic"]), Subscribed.DELETED)


def _problems(payload: Json) -> str:
    return "; ".join(str(problem["message"]) for problem in payload["userErrors"])


def _enum(topic: str) -> str:
    return topic.replace("/", "_").upper()


def _name(enum: str) -> str:
    """Return the topic of an enum value; an unknown one keeps the enum's spelling."""
    return next((topic for topic in TOPICS if _enum(topic) == enum), enum)
