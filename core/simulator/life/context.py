"""An event and where it takes place: what was decided of it, its own chance, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.errors import NotFound
from core.simulator.life.checkout import Pick
from core.simulator.life.random_purchases import Levies
from core.simulator.shop.model import Customer, Order, Product
from core.simulator.shop.shop import Shop, later
from core.simulator.shop.subscriptions import Subscriptions
from core.simulator.webhooks.body_parts import Body

_JUST_NOW = timedelta(seconds=5)
_RECENT = 50
"""Of so many orders one is chosen where none is named."""


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
        """The order that the event is about; where none is named, one of the last with something left to refund."""
        if "order_id" not in self.args:
            return self._recent_order()
        order = self.shop.orders.get(number(self.args["order_id"]))
        if order is None:
            raise NotFound("There is no such order in this shop")
        return order

    def _recent_order(self) -> Order:
        recent = [order for order in list(self.shop.orders.values())[-_RECENT:] if order.is_open]
        if not recent:
            raise NotFound("There is no order in this shop that could be chosen; name one")
        return self.rng.choice(recent)

    def after(self, order: Order) -> datetime:
        """When it happens: later than the order's last change, so that its versions can be told apart; within its
        second where args say `same_second`, and it was just now."""
        if self.args.get("same_second") and self.at - order.updated_at < _JUST_NOW:
            return order.updated_at
        return later(order.updated_at, self.at)

    def pick(self, variant_id: Any, quantity: Any) -> Pick:
        """Some of a variant."""
        try:
            product, variant = self.shop.variant(number(variant_id))
        except KeyError:
            raise NotFound("There is no such variant in this shop") from None
        if product.product_id not in self.shop.products:
            raise NotFound("The product of this variant was deleted")
        return Pick(product, variant, int(quantity))

    def levies(self) -> Levies:
        """The duties and fees that an order bears: none unless told."""
        return Decimal(str(self.args.get("duties") or 0)), Decimal(str(self.args.get("fees") or 0))

    def product(self) -> Product:
        """The product that the event is about."""
        product = self.shop.products.get(number(self.args.get("product_id")))
        if product is None:
            raise NotFound("There is no such product in this shop")
        return product

    def customer(self, named: str = "customer_id") -> Customer:
        """The customer that the event is about."""
        customer = self.shop.customers.get(number(self.args.get(named)))
        if customer is None:
            raise NotFound("There is no such customer in this shop")
        return customer


def number(value: Any) -> int:
    """An id, which JSON may have made a text."""
    text = str(value)
    return int(text) if text.isdecimal() else 0
