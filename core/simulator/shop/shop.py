"""One made-up shop: what it was asked to be, and all that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.config import DEMO_SHOP
from core.simulator.defaults import SCOPES
from core.simulator.shop.checkouts import AbandonedCheckout
from core.simulator.shop.countries import Country, home_of
from core.simulator.shop.ids import Ids
from core.simulator.shop.ledger import Refund
from core.simulator.shop.model import Customer, Order, Product, Tender, Variant

RARE_ORDERS = (
    *("tip", "import", "midnight", "abroad", "former currency", "cash", "surcharge"),
    *("exchange", "return", "swap", "pending"),
)
"""Rare shapes of orders: when placed (see `core.simulator.life.rare_orders`), and afterwards (the last four)."""


def later(changed: datetime, at: datetime) -> datetime:
    """When something that changes at `at` was changed last: after every change before, so that versions differ."""
    return max(at, changed + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class ShopSpec:
    """What determines a shop, to the byte. `until` is its last day, in `time_zone`; `days` is how many it has."""

    seed: int = 1
    customers: int = 100
    orders: int = 300
    until: date = date(2026, 11, 20)
    days: int = 730
    time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    taxes_included: bool = False
    domain: str = DEMO_SHOP
    name: str = "Fieldstone Goods"
    rare_orders: tuple[str, ...] = RARE_ORDERS
    """The rarer shapes that its orders take, too."""

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)

    def to_json(self) -> dict[str, Any]:
        """Describe the shop for the journal and the export.

        The key of `rare_orders` is "turns", its first name, because old journals are replayed.
        """
        fields = asdict(self) | {"until": self.until.isoformat()}
        rare_orders = fields.pop("rare_orders")
        return fields | {"turns": rare_orders}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ShopSpec:
        """Read what `to_json` wrote. A journal without "turns" is older than the rare orders: its shop has none."""
        known = {name: value for name, value in fields.items() if name != "turns"}
        rare_orders = tuple(fields.get("turns", ()))
        return cls(**{**known, "until": date.fromisoformat(fields["until"]), "rare_orders": rare_orders})

    def midnight(self, day: date) -> datetime:
        """When `day` begins in the shop, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@dataclass(slots=True)
class Shop:
    """The shop as it is now. Things stand by id in the order of creation; `revision` counts the changes."""

    spec: ShopSpec
    created_at: datetime
    ids: Ids
    products: dict[int, Product] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    scopes: tuple[str, ...] = SCOPES  # what the app was granted
    checkouts: dict[int, AbandonedCheckout] = field(default_factory=dict)
    buyers: list[Customer] = field(default_factory=list)  # who ordered at least once, in the order of the first time
    merged: dict[int, int] = field(default_factory=dict)  # customers who are no more, and whose account they are now
    next_number: int = 1001
    currency: str = ""  # what orders are booked in from now on; the spec's until it is changed
    revision: int = 0
    _variants: dict[int, tuple[Product, Variant]] = field(default_factory=dict, repr=False)

    @property
    def shop_id(self) -> int:
        """Shopify's number of the shop."""
        return 50_000_000_000 + self.ids.offset

    def __post_init__(self) -> None:
        self.currency = self.currency or self.spec.currency

    @property
    def tender(self) -> Tender:
        """What an order is booked in now, for a customer who pays in the same."""
        return Tender(self.currency, self.currency)

    @property
    def home(self) -> Country:
        """The country where the shop is."""
        return home_of(self.spec.currency)

    def account(self, customer_id: int) -> Customer | None:
        """Whose account this one is now; None where it was deleted."""
        while customer_id in self.merged:
            customer_id = self.merged[customer_id]
        return self.customers.get(customer_id)

    def variant(self, variant_id: int) -> tuple[Product, Variant]:
        """A variant with its product, also of one that is no longer sold: goods may still come back.

        Raises:
            KeyError: there is none such.
        """
        if not self._variants:
            self._variants.update(
                (variant.variant_id, (product, variant))
                for product in self.products.values()
                for variant in product.variants
            )
        return self._variants[variant_id]

    def take_off(self, product: Product) -> None:
        """The product is deleted; its variants are known still."""
        self.variant(product.variants[0].variant_id)
        del self.products[product.product_id]

    def refund(self, refund_id: int) -> tuple[Order, Refund]:
        """A refund with its order.

        Raises:
            KeyError: there is none such.
        """
        for order in self.orders.values():
            for refund in order.refunds:
                if refund.refund_id == refund_id:
                    return order, refund
        raise KeyError(refund_id)

    def local(self, instant: datetime) -> datetime:
        """The instant on the shop's clocks."""
        return instant.astimezone(self.spec.zone)

    def spent(self, customer_id: int | None, amount: Decimal, at: datetime, orders: int = 0) -> None:
        """Add to what a customer has spent and ordered, which is a change of the customer; guests have no total."""
        customer = self.customers.get(customer_id or 0)
        if customer:
            customer.amount_spent += amount
            if orders and not customer.orders_count:
                self.buyers.append(customer)
            customer.orders_count += orders
            customer.updated_at = later(customer.updated_at, at)
