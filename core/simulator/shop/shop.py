"""A made-up shop: its specification and its contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.config import DEMO_SHOP
from core.simulator.defaults import SCOPES
from core.simulator.shop.checkouts import AbandonedCheckout, Cart
from core.simulator.shop.countries import Country, home_country
from core.simulator.shop.ids import Ids
from core.simulator.shop.ledger import Refund
from core.simulator.shop.model import Customer, Order, Product, Tender, Variant

RARE_ORDERS = (
    *("tip", "import", "midnight", "abroad", "former currency", "cash", "surcharge"),
    *("exchange", "return", "swap", "pending"),
)
"""The rare kinds of orders: kinds at placing (see `core.simulator.life.rare_orders`), and four kinds of later
changes."""


def next_update_time(last_change: datetime, at: datetime) -> datetime:
    """Return the new `updated_at` of a record that changes at `at`: after every earlier change, so that versions
    differ."""
    return max(at, last_change + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class ShopSpec:
    """Determines a shop to the byte. `until` is its last day in `time_zone`, of `days` in all."""

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
    assortment: str = "home goods"
    """What the shop sells, by its name in `core.simulator.shop.assortments`."""
    rare_orders: tuple[str, ...] = RARE_ORDERS
    """The rare kinds of orders that occur in this shop."""

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
        """Return when `day` begins in the shop, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@dataclass(slots=True)
class Shop:
    """The shop as of now. Records are stored by id in the order of creation; `revision` counts the changes."""

    spec: ShopSpec
    created_at: datetime
    ids: Ids
    products: dict[int, Product] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    scopes: tuple[str, ...] = SCOPES  # granted to the app
    checkouts: dict[int, AbandonedCheckout] = field(default_factory=dict)
    carts: dict[str, Cart] = field(default_factory=dict)
    """By token. Each has sent a webhook."""
    buyers: list[Customer] = field(default_factory=list)  # customers with orders, by their first order
    merged: dict[int, int] = field(default_factory=dict)  # merged customer's id: the survivor's id
    next_number: int = 1001
    currency: str = ""  # of new orders; the spec's until it is changed
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
        """The tender of new orders whose customers pay in the shop's currency."""
        return Tender(self.currency, self.currency)

    @property
    def home(self) -> Country:
        """The country of the shop."""
        return home_country(self.spec.currency)

    def current_account(self, customer_id: int) -> Customer | None:
        """Find the account of a customer, who may have been merged since. None where the account was deleted."""
        while customer_id in self.merged:
            customer_id = self.merged[customer_id]
        return self.customers.get(customer_id)

    def variant(self, variant_id: int) -> tuple[Product, Variant]:
        """Find a variant with its product. Deleted products are included, because their goods may still come back.

        Raises:
            KeyError: there is no such variant.
        """
        if not self._variants:
            self._variants.update(
                (variant.variant_id, (product, variant))
                for product in self.products.values()
                for variant in product.variants
            )
        return self._variants[variant_id]

    def delete_product(self, product: Product) -> None:
        """Delete a product. Its variants stay known for returns."""
        self.variant(product.variants[0].variant_id)
        del self.products[product.product_id]

    def find_refund(self, refund_id: int) -> tuple[Order, Refund]:
        """Find a refund with its order.

        Raises:
            KeyError: there is no such refund.
        """
        for order in self.orders.values():
            for refund in order.refunds:
                if refund.refund_id == refund_id:
                    return order, refund
        raise KeyError(refund_id)

    def local(self, instant: datetime) -> datetime:
        """Convert a time to the shop's time zone."""
        return instant.astimezone(self.spec.zone)

    def add_spending(self, customer_id: int | None, amount: Decimal, at: datetime, orders: int = 0) -> None:
        """Add to a customer's totals, which updates the customer. A guest has no totals."""
        customer = self.customers.get(customer_id or 0)
        if customer:
            customer.amount_spent += amount
            if orders and not customer.orders_count:
                self.buyers.append(customer)
            customer.orders_count += orders
            customer.updated_at = next_update_time(customer.updated_at, at)
