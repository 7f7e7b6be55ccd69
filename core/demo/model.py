"""What the made-up shop consists of. GraphQL nodes, webhook bodies and the true totals are all drawn from this.

Amounts are `Decimal` in the shop's currency, instants are aware and in UTC, ids are Shopify's numbers. The objects
change as time passes (an order is refunded, a product sells out): this is the shop itself, not a picture of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


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
    """One line of an order. `quantity` is what was ordered; `current_quantity` what edits and refunds left of it."""

    line_id: int
    title: str
    quantity: int
    current_quantity: int
    unit_price: Decimal
    sku: str | None
    variant_title: str | None
    vendor: str | None
    product_id: int
    variant_id: int
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    is_gift_card: bool = False

    @property
    def charged(self) -> Decimal:
        """What the customer pays for the line; contains tax where the shop's prices do."""
        return self.unit_price * self.quantity - self.discount


@dataclass(slots=True)
class Shipping(Charge):
    """The shipping charge of an order; it is given back whole or not at all."""

    shipping_id: int
    title: str
    price: Decimal
    allocations: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    is_refunded: bool = False

    @property
    def charged(self) -> Decimal:
        """What the customer pays for shipping; contains tax where the shop's prices do."""
        return self.price - self.discount


@dataclass(frozen=True, slots=True)
class Sale:
    """One signed row of Shopify's own ledger; see `core.demo.sales` for the signs."""

    sale_id: int
    action: str
    line_type: str
    quantity: int | None
    total: Decimal
    discount: Decimal
    tax: Decimal
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One dated fact of an order: `reason` is ORDER, ORDER_EDIT or REFUND."""

    agreement_id: int
    happened_at: datetime
    reason: str
    sales: tuple[Sale, ...]
    refund_id: int | None = None


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of a line that came back; `subtotal` contains tax where the shop's prices do."""

    refund_line_id: int
    line_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal
    restock_type: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money that moved: `kind` is SALE or REFUND."""

    transaction_id: int
    kind: str
    amount: Decimal
    processed_at: datetime


@dataclass(slots=True)
class Refund:
    """Goods, shipping or money given back.

    `shipping` and `shipping_tax` are positive, the former before tax. `discrepancy` is the value of the goods less
    the money given back for them: positive when something was kept, negative for a gesture of goodwill.
    """

    refund_id: int
    processed_at: datetime
    note: str | None
    lines: tuple[RefundLine, ...]
    shipping: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    shipping_row_id: int | None = None
    discrepancy: Decimal = ZERO
    discrepancy_id: int | None = None
    transaction: Transaction | None = None


@dataclass(slots=True)
class Order:
    """An order and all that happened to it since."""

    order_id: int
    number: int
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    source_name: str
    customer_id: int | None
    email: str | None
    address: Address | None
    lines: list[Line]
    shipping: Shipping | None
    discounts: tuple[Discount, ...] = ()
    agreements: list[Agreement] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    tip: Decimal = ZERO
    duties: Decimal = ZERO
    fees: Decimal = ZERO  # additional ones, such as for handling an import
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

    def line(self, line_id: int) -> Line:
        """The line of this id.

        Raises:
            KeyError: the order has none such.
        """
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise KeyError(line_id)

    def sales(self, reasons: Iterable[str] = ("ORDER", "ORDER_EDIT", "REFUND")) -> Iterable[Sale]:
        """All rows of the ledger whose agreement has one of these reasons."""
        return (sale for agreement in self.agreements if agreement.reason in reasons for sale in agreement.sales)

    @property
    def refunded(self) -> Decimal:
        """The money that went back."""
        return sum((refund.transaction.amount for refund in self.refunds if refund.transaction), ZERO)
