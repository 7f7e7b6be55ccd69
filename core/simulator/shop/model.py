"""The records of a made-up shop. GraphQL nodes, webhook bodies and the true totals are all drawn from them.

Amounts are `Decimal` in the shop's currency, times are aware and in UTC, ids are Shopify's numbers. The records
change with time: an order is refunded, a product sells out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.ledger import ZERO, Agreement, Refund, Return, Sale, Transaction
from core.simulator.shop.visits import Visit


@dataclass(slots=True)
class Variant:
    """A variant of a product. `unit_cost` is what the shop pays for it; None where it was never entered."""

    variant_id: int
    inventory_item_id: int
    title: str
    sku: str
    price: Decimal
    position: int
    stock: int
    created_at: datetime
    updated_at: datetime
    unit_cost: Decimal | None = None
    compare_at_price: Decimal | None = None
    barcode: str | None = None
    counted_at: datetime | None = None  # the last change of its stock


@dataclass(slots=True)
class Product:
    """A product. `popularity` is its weight when carts are filled."""

    product_id: int
    title: str
    handle: str
    vendor: str
    product_type: str
    option: str
    tags: tuple[str, ...]
    popularity: float
    created_at: datetime
    updated_at: datetime
    variants: list[Variant] = field(default_factory=list)
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. The province and its code are None in countries whose addresses have none."""

    address_id: int
    street: str
    city: str
    zip: str
    country: str
    country_code: str
    province: str | None = None
    province_code: str | None = None


@dataclass(slots=True)
class Customer:
    """A customer with an account. `loyalty` is the weight of buying again.

    `regrouped` is Shopify's segment, and the spending that it expects, where an event decided them.
    """

    customer_id: int
    first_name: str
    last_name: str
    email: str
    locale: str
    address: Address
    created_at: datetime
    updated_at: datetime
    loyalty: float = 1.0
    subscribed: bool = False
    tags: tuple[str, ...] = ()
    orders_count: int = 0
    amount_spent: Decimal = ZERO
    regrouped: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Tender:
    """The currency of an order and of its payment. `rate` is the amount of `presentment` for one of `currency`."""

    currency: str
    presentment: str
    rate: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on one line."""

    title: str
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """One line's share of one discount. `index` is the discount's place in `Order.discounts`."""

    index: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount as given. `kind` is line, order or shipping; `value` is a percentage or an amount."""

    title: str
    kind: str
    value: Decimal
    is_percent: bool
    code: str | None = None


class Charge:
    """The common part of lines and shipping charges: shares of discounts, and taxes."""

    __slots__ = ()

    allocations: tuple[Allocation, ...]
    taxes: tuple[Tax, ...]
    listed_tax: Decimal

    @property
    def discount(self) -> Decimal:
        """Its share of all discounts."""
        return sum((share.amount for share in self.allocations), ZERO)

    @property
    def tax(self) -> Decimal:
        """The sum of its taxes."""
        return sum((tax.amount for tax in self.taxes), ZERO)


@dataclass(slots=True)
class Line(Charge):
    """One line of an order. `quantity` was ordered; `current_quantity` is left after edits and refunds.

    `listed_tax` is the tax on its price without discounts. A tip is a line without a product.
    """

    line_id: int
    title: str
    quantity: int
    current_quantity: int
    unit_price: Decimal
    sku: str | None
    variant_title: str | None
    vendor: str | None
    product_id: int | None
    variant_id: int | None
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    listed_tax: Decimal = ZERO
    is_gift_card: bool = False
    is_tip: bool = False

    @property
    def charged(self) -> Decimal:
        """The price of the line after discounts; contains tax where the shop's prices do."""
        return self.unit_price * self.quantity - self.discount

    @property
    def removed_quantity(self) -> int:
        """The units removed by edits, refunds and returns."""
        return self.quantity - self.current_quantity

    @property
    def is_goods(self) -> bool:
        """Whether it is shipped, taxed and stocked."""
        return not self.is_gift_card and not self.is_tip

    @property
    def line_type(self) -> str:
        """Its type in Shopify's ledger."""
        return "TIP" if self.is_tip else "GIFT_CARD" if self.is_gift_card else "PRODUCT"


@dataclass(slots=True)
class Shipping(Charge):
    """The shipping charge of an order. It is refunded whole or not at all."""

    shipping_id: int
    title: str
    price: Decimal
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    listed_tax: Decimal = ZERO
    is_refunded: bool = False

    @property
    def charged(self) -> Decimal:
        """The price of shipping after discounts; contains tax where the shop's prices do."""
        return self.price - self.discount


@dataclass(slots=True)
class Order:
    """An order with everything that happened to it.

    An imported order was `processed_at` long before it was `created_at`. `surcharge` (with `surcharge_tax`) is
    entered in Shopify's ledger under a type that the API does not name. `cash_rounding` is the difference that a till
    added to a payment in cash. `visits` are the first and the last one before it; `location_id` is the till's.
    """

    order_id: int
    number: int
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    source_name: str
    customer_id: int | None
    email: str | None
    address: Address | None
    tender: Tender
    lines: list[Line]
    shipping: Shipping | None
    discounts: tuple[Discount, ...] = ()
    agreements: list[Agreement] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    duties: Decimal = ZERO
    fees: Decimal = ZERO  # additional fees, such as for handling an import
    surcharge: Decimal = ZERO
    surcharge_tax: Decimal = ZERO
    cash_rounding: Decimal = ZERO
    test: bool = False
    is_paid: bool = True
    is_fulfilled: bool = False
    is_edited: bool = False
    tags: tuple[str, ...] = ()
    visits: tuple[Visit, Visit] | None = None
    location_id: int | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None

    @property
    def name(self) -> str:
        """The order's name for people, such as #1001."""
        return f"#{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether the order counts in sales and has units left to give back."""
        return not self.test and not self.cancelled_at and any(line.current_quantity for line in self.lines)

    @property
    def goods(self) -> list[Line]:
        """Its lines without the tip."""
        return [line for line in self.lines if not line.is_tip]

    @property
    def tip(self) -> Decimal:
        """The tip, as first placed."""
        return sum((line.charged for line in self.lines if line.is_tip), ZERO)

    def line(self, line_id: int) -> Line:
        """Find a line by its id.

        Raises:
            KeyError: the order has no such line.
        """
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)

    def sales(self, reasons: Iterable[str] = ("ORDER", "ORDER_EDIT", "REFUND", "RETURN")) -> Iterable[Sale]:
        """All rows of the ledger whose agreement has one of these reasons."""
        return (sale for agreement in self.agreements if agreement.reason in reasons for sale in agreement.sales)

    @property
    def refunded(self) -> Decimal:
        """The money refunded so far."""
        return sum((refund.paid for refund in self.refunds), ZERO)
