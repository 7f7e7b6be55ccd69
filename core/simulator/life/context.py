"""An event, the context that its handler works in, and its outcome: a result and webhooks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.errors import NotFound
from core.simulator.life.checkout import CartItem
from core.simulator.life.random_purchases import ImportCharges
from core.simulator.shop.model import Customer, Order, Product
from core.simulator.shop.shop import Shop, next_update_time
from core.simulator.shop.subscriptions import Subscriptions

_JUST_NOW = timedelta(seconds=5)
_RECENT = 50
"""An event without an order id takes one of this many latest orders."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event at `at`. `args` hold decided details; everything else comes from the random `seed`.

    An event and its seed determine their outcome, so a journal of events can be replayed.
    """

    kind: str
    at: datetime
    seed: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Describe the event for the journal."""
        return {"kind": self.kind, "at": self.at.isoformat(), "seed": self.seed, "args": dict(self.args)}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Event:
        """Read what `to_json` wrote."""
        return cls(entry["kind"], datetime.fromisoformat(entry["at"]), entry["seed"], entry["args"])


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that an event causes. `subject` holds what its body is drawn from, beside the shop.

    It has no body yet: bodies are dear, and most topics have no subscriber.
    """

    topic: str
    subject: tuple[Any, ...]


@dataclass(slots=True)
class EventOutcome:
    """The outcome of an event: the answer to its caller, and the webhooks in the order of sending."""

    result: dict[str, Any]
    webhooks: Sequence[Webhook] = ()


@dataclass(frozen=True, slots=True)
class EventContext:
    """The shop, time, arguments and randomness that an event's handler works with."""

    shop: Shop
    subscriptions: Subscriptions
    rng: random.Random
    at: datetime
    args: Mapping[str, Any]

    def order(self) -> Order:
        """Find the event's order. Without an `order_id`, choose a recent one with something left to refund."""
        if "order_id" not in self.args:
            return self._recent_order()
        order = self.shop.orders.get(parse_id(self.args["order_id"]))
        if order is None:
            raise NotFound("There is no such order in this shop")
        return order

    def _recent_order(self) -> Order:
        recent = [order for order in list(self.shop.orders.values())[-_RECENT:] if order.is_open]
        if not recent:
            raise NotFound("There is no order in this shop that could be chosen; name one")
        return self.rng.choice(recent)

    def change_time(self, order: Order) -> datetime:
        """Return when the event changes the order: after its last change, so that its versions differ in time.

        With `same_second`, an order that changed just now keeps its time: Shopify's clock has whole seconds, and two
        changes can share one.
        """
        if self.args.get("same_second") and self.at - order.updated_at < _JUST_NOW:
            return order.updated_at
        return next_update_time(order.updated_at, self.at)

    def cart_item(self, variant_id: Any, quantity: Any) -> CartItem:
        """Make a cart item of a variant that is still sold."""
        try:
            product, variant = self.shop.variant(parse_id(variant_id))
        except KeyError:
            raise NotFound("There is no such variant in this shop") from None
        if product.product_id not in self.shop.products:
            raise NotFound("The product of this variant was deleted")
        return CartItem(product, variant, int(quantity))

    def import_charges(self) -> ImportCharges:
        """Return the order's duties and fees; zero unless given."""
        return Decimal(str(self.args.get("duties") or 0)), Decimal(str(self.args.get("fees") or 0))

    def product(self) -> Product:
        """Find the event's product."""
        product = self.shop.products.get(parse_id(self.args.get("product_id")))
        if product is None:
            raise NotFound("There is no such product in this shop")
        return product

    def customer(self, arg: str = "customer_id") -> Customer:
        """Find the event's customer by the id in the argument `arg`."""
        customer = self.shop.customers.get(parse_id(self.args.get(arg)))
        if customer is None:
            raise NotFound("There is no such customer in this shop")
        return customer


def parse_id(value: Any) -> int:
    """Read an id, which JSON may hold as a text. Returns 0, which is no id, for anything else."""
    text = str(value)
    return int(text) if text.isdecimal() else 0
