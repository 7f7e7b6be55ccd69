"""An event, where it takes place, and what comes of it: see `core.demo.events` for what can happen."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.demo.body_parts import Body
from core.demo.checkout import Pick
from core.demo.model import Customer, Order
from core.demo.shop import Shop
from core.demo.shopping import Levies
from core.demo.subscriptions import Subscriptions
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at `at`: what is in `args` was decided, the rest is chance, from `seed`."""

    kind: str
    at: datetime
    seed: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        return {"kind": self.kind, "at": self.at.isoformat(), "seed": self.seed, "args": dict(self.args)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Event:
        """What `to_json` wrote."""
        return cls(told["kind"], datetime.fromisoformat(told["at"]), told["seed"], told["args"])


News = list[tuple[str, Callable[[], Body]]]
"""Topics with what makes their bodies, once somebody wants them."""


@dataclass(slots=True)
class Happened:
    """What came of an event: what its caller is told, and the news for who subscribed, in order."""

    result: dict[str, Any]
    news: News = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an event takes place."""

    shop: Shop
    subscriptions: Subscriptions
    rng: random.Random
    at: datetime
    args: Mapping[str, Any]

    def order(self) -> Order:
        """The order that the event is about, and no other time than after its last change."""
        order = self.shop.orders.get(number(self.args.get("order_id")))
        if order is None:
            raise NotFound("There is no such order in this shop")
        return order

    def after(self, order: Order) -> datetime:
        """When it happens: later than the order's last change, so that its versions can be told apart."""
        return max(self.at, order.updated_at + timedelta(seconds=1))

    def pick(self, variant_id: Any, quantity: Any) -> Pick:
        """Some of a variant."""
        try:
            product, variant = self.shop.variant(number(variant_id))
        except KeyError:
            raise NotFound("There is no such variant in this shop") from None
        return Pick(product, variant, int(quantity))

    def levies(self) -> Levies:
        """The duties and fees that an order bears: none unless told."""
        return Decimal(str(self.args.get("duties") or 0)), Decimal(str(self.args.get("fees") or 0))

    def customer(self) -> Customer:
        """The customer that the event is about."""
        customer = self.shop.customers.get(number(self.args.get("customer_id")))
        if customer is None:
            raise NotFound("There is no such customer in this shop")
        return customer


def number(value: Any) -> int:
    """An id, which JSON may have made a text."""
    text = str(value)
    return int(text) if text.isdecimal() else 0
