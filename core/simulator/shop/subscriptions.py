"""The webhook subscriptions of an app at one shop, and Shopify's reasons to refuse one."""

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
        """The topic in the headers of deliveries, such as orders/create."""
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

    def for_topic(self, header_topic: str) -> list[Subscription]:
        """Return the subscriptions to this topic (orders/create)."""
        return [subscription for subscription in self.by_id.values() if subscription.header_topic == header_topic]

    def refusal(self, topic: str, uri: str | None, name: str | None) -> tuple[list[str], str] | None:
        """Return why Shopify refuses a subscription, as the field and message of a userError; None if it accepts.

        Unlike Shopify this accepts http addresses of this machine, because a local receiver has no certificate.
        """
        address_field = ["webhookSubscription", "callbackUrl"]
        if not uri or not uri.strip():
            return address_field, "Address can't be blank"
        parts = urlsplit(uri)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE):
            return address_field, f"Address protocol {parts.scheme or 'none'}:// is not supported"
        if not parts.hostname:
            return address_field, "Address is invalid"
        if parts.hostname == self.shop_domain:
            return address_field, "Address cannot be a Shopify or an internal domain"
        if name and len(name) > 50:
            return ["webhookSubscription", "name"], "Name is too long (maximum is 50 characters)"
        if any(subscription.topic == topic and subscription.uri == uri for subscription in self.by_id.values()):
            return address_field, "Address for this topic has already been taken"
        return None
