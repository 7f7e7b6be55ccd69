"""The webhook subscriptions that an app made for a shop, and Shopify's reasons to refuse one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

_ON_THIS_MACHINE = frozenset(("127.0.0.1", "localhost", "::1"))


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic that is sent to one address. `topic` is the enum's value, such as ORDERS_CREATE."""

    subscription_id: int
    topic: str
    uri: str
    created_at: datetime
    name: str | None = None
    filter: str | None = None

    @property
    def header_topic(self) -> str:
        """The topic as deliveries name it, such as orders/create."""
        kind, _, action = self.topic.rpartition("_")
        if self.topic.endswith("_PARTIALLY_FULFILLED"):
            kind, action = self.topic.removesuffix("_PARTIALLY_FULFILLED"), "partially_fulfilled"
        if self.topic == "APP_SCOPES_UPDATE":
            kind, action = "app", "scopes_update"
        return f"{kind}/{action}".lower()


@dataclass(slots=True)
class Subscriptions:
    """All subscriptions of one shop, by id."""

    shop_domain: str
    by_id: dict[int, Subscription] = field(default_factory=dict)

    def of(self, header_topic: str) -> list[Subscription]:
        """Those that want this topic (orders/create)."""
        return [each for each in self.by_id.values() if each.header_topic == header_topic]

    def refusal(self, topic: str, uri: str | None, name: str | None) -> tuple[list[str], str] | None:
        """Why a subscription cannot be made, as the field and message of a userError; None if it can.

        Unlike Shopify this takes http addresses, but only of this machine: that is where the receiver is.
        """
        at = ["webhookSubscription", "callbackUrl"]
        if not uri or not uri.strip():
            return at, "Address can't be blank"
        parts = urlsplit(uri)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE):
            return at, f"Address protocol {parts.scheme or 'none'}:// is not supported"
        if not parts.hostname:
            return at, "Address is invalid"
        if parts.hostname == self.shop_domain:
            return at, "Address cannot be a Shopify or an internal domain"
        if name and len(name) > 50:
            return ["webhookSubscription", "name"], "Name is too long (maximum is 50 characters)"
        if any(each.topic == topic and each.uri == uri for each in self.by_id.values()):
            return at, "Address for this topic has already been taken"
        return None
