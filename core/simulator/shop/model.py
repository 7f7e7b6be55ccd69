"""What the made-up shop consists of. GraphQL nodes, webhook bodies and the true totals are all drawn from this.

Amounts are `Decimal` in the shop's currency, instants are aware and in UTC, ids are Shopify's numbers. The objects
change as time passes (an order is refunded, a product sells out): this is the shop itself, not a picture of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.simulator.shop.ledger import ZERO, Agreement, Refund, Return, Sale, Transaction


@dataclass(slots=True)
class Variant:
    """One thing to buy. `unit_cost` is what the shop pays for it; None where nobody entered it."""

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
    counted_at: datetime | None = None  # when its stock changed last


@dataclass(slots=True)
class Product:
    """A product; `popularity` is how often it is picked, relative to the others."""

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
    """Where somebody lives. Province and its code are None in countries where addresses name none."""

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
    """Somebody with an account; `loyalty` is how often they buy again, relative to the others."""

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


@dataclass(frozen=True, slots=True)
class Tender:
    """What an order is booked in, and what its customer paid in: `rate` of the latter for one of the former."""

    currency: str
    presented: str
    rate: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on one line."""

    title: str
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """One line's share of one discount of the order; `index` is the discount's place in `Order.discounts`."""

    index: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount as it was given: `kind` is line, order or shipping; `value` is percent or an amount."""

    title: str
    kind: str
    value: Decimal
    is_percent: bool
    code: str | None = None


class Charge:
    """What a line and a shipping charge have in common: their shares of discounts, and their taxes."""

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
        """All taxes on it."""
        return sum((tax.amount for tax in self.taxes), ZERO)


@dataclass(slots=True)
class Line(Charge):
    """One line of an order. `quantity` is what was ordered; `current_quantity` what edits and refunds left of it.

    `listed_tax` is the tax that its price would bear without the discounts. A tip is a line without product.
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
        """What the customer pays for the line; contains tax where the shop's prices do."""
        return self.unit_price * self.quantity - self.discount

    @property
    def gone(self) -> int:
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
    """The shipping charge of an order; it is given back whole or not at all."""

    shipping_id: int
    title: str
    price: Decimal
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    listed_tax: Decimal = ZERO
    is_refunded: bool = False

    @property
    def charged(self) -> Decimal:
        """What the customer pays for shipping; contains tax where the shop's prices do."""
        return self.price - self.discount


@dataclass(slots=True)
class Order:
    """An order and all that happened to it since.

    An imported order was `processed_at` long before it was `created_at`. `surcharge` (with `surcharge_tax`) is what
    Shopify's ledger has under a type that the API does not name; `cash_rounding` is what a till added to the cash.
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
    fees: Decimal = ZERO  # additional ones, such as for handling an import
    surcharge: Decimal = ZERO
    surcharge_tax: Decimal = ZERO
    cash_rounding: Decimal = ZERO
    test: bool = False
    is_paid: bool = True
    is_fulfilled: bool = False
    is_edited: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None

    @property
    def name(self) -> str:
        """What people call the order."""
        return f"#{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it counts, and something of it is left to give back."""
        return not self.test and not self.cancelled_at and any(line.current_quantity for line in self.lines)

    @property
    def goods(self) -> list[Line]:
        """Its lines without the tip, which is no goods."""
        return [line for line in self.lines if not line.is_tip]

    @property
    def tip(self) -> Decimal:
        """What the customer left for the staff, as first placed."""
        return sum((line.charged for line in self.lines if line.is_tip), ZERO)

    def line(self, line_id: int) -> Line:
        """The line of this id.

        Raises:
            KeyError: the order has none such.
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
