"""The records of orders: their lines, refunds, and the agreements that say what changed when."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from core.domain.answers import OrderAnswer
from core.domain.journeys import Journey
from core.domain.payments import Transaction
from core.domain.returns import ReturnLine
from core.domain.source import Source
from core.domain.withheld import Withheld


class TaxLine(Struct, frozen=True, gc=False):
    """One tax on one line. `rate` is a fraction (0.19), `amount` what was charged for the whole line."""

    title: str
    rate: Decimal
    amount: Decimal


class DiscountKind(StrEnum):
    """How a discount came to an order."""

    CODE = "code"
    AUTOMATIC = "automatic"
    MANUAL = "manual"
    """Given by a member of staff."""
    SCRIPT = "script"
    UNKNOWN = "unknown"
    """The source has the amount, but not its discount."""


class Allocation(Struct, frozen=True, gc=False):
    """One discount's share of one line, signed as `discount`. `label` is the code, else the discount's title."""

    kind: DiscountKind
    label: str
    amount: Decimal


class LineItem(Struct, frozen=True, gc=False):
    """One line of an order, as sold.

    `quantity` is what was ordered, removed and refunded units included. `unit_price` is before discounts, and
    contains tax if the order's `taxes_included`. `discount` is the line's share of all discounts, its own and the
    order's; `allocations` divides it by discount where the source does. Title and SKU are as sold: the product may
    have been deleted since.
    A line that `is_tip` sells nothing: see `core.domain.tips`.
    """

    line_item_id: int
    title: str
    quantity: int
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    taxes: tuple[TaxLine, ...] = ()
    current_quantity: int | None = None
    variant_title: str | None = None
    sku: str | None = None
    vendor: str | None = None
    product_id: int | None = None
    variant_id: int | None = None
    is_gift_card: bool = False
    is_tip: bool = False
    allocations: tuple[Allocation, ...] = ()


class ShippingLine(Struct, frozen=True, gc=False):
    """One shipping charge. `price` is before `discount`, and contains tax if `taxes_included`."""

    shipping_line_id: int
    title: str
    price: Decimal
    discount: Decimal = Decimal(0)
    taxes: tuple[TaxLine, ...] = ()
    is_removed: bool = False
    allocations: tuple[Allocation, ...] = ()


class RefundLine(Struct, frozen=True, gc=False):
    """Returned units of one line item.

    `subtotal` is after discounts and, as Shopify gives it, contains tax if `taxes_included`.
    `restock_type` is Shopify's, in lower case: return, cancel, no_restock, legacy_restock.
    """

    refund_line_id: int
    line_item_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal
    restock_type: str


class AdjustmentKind(StrEnum):
    """What money in a refund is for that belongs to no line item."""

    SHIPPING = "shipping"
    """Refunded shipping; positive, and before tax."""
    DUTY = "duty"
    """Refunded import duties; positive, and before tax."""
    DISCREPANCY = "discrepancy"
    """The difference between the refunded money and the value of the goods, signed as Shopify gives it. If positive,
    less money was refunded than the goods' value, which lowers the returns."""


class RefundAdjustment(Struct, frozen=True, gc=False):
    """Money in a refund that belongs to no line item.

    If `is_as_priced`, `amount` is like the price of the shipping line: it contains tax if the order's prices do.
    `tax` is None if the source does not say it: then it is the shipping line's own, in proportion.
    """

    adjustment_id: int
    kind: AdjustmentKind
    amount: Decimal
    tax: Decimal | None
    is_as_priced: bool = False
    shipping_line_id: int | None = None


class Refund(Struct, frozen=True, gc=False):
    """One refund or cancellation of goods, dated by when it was processed, in the order's currency.

    `refunded` is the money that went back (the sum of successful refund transactions); it is zero for a
    restock without money.
    """

    refund_id: int
    order_id: int
    processed_at: datetime
    created_at: datetime | None = None
    note: str | None = None
    refunded: Decimal = Decimal(0)
    lines: tuple[RefundLine, ...] = ()
    adjustments: tuple[RefundAdjustment, ...] = ()


class AgreementSale(Struct, frozen=True, gc=False):
    """One `Sale` of Shopify's own ledger. Amounts are signed; `total` is after tax and discounts.

    `action` is order, return or update; `line_type` product, shipping, tip, gift_card, duty, fee (also
    additional_fee), adjustment or unknown: Shopify's enums in lower case.
    """

    sale_id: int
    action: str
    line_type: str
    quantity: int
    total: Decimal
    discount_before_tax: Decimal
    tax: Decimal
    line_item_id: int | None = None


class Agreement(Struct, frozen=True, gc=False):
    """One dated fact of an order: placed, edited, refunded or returned (`reason`, in lower case)."""

    agreement_id: int
    happened_at: datetime
    reason: str
    sales: tuple[AgreementSale, ...] = ()
    refund_id: int | None = None


class Order(Struct, frozen=True, gc=False):
    """An order as one source saw it at `updated_at`.

    `line_items` and `shipping_lines` are complete. `refunds` has all refunds that the source lists: an order webhook
    and the API list all. `agreements` is None if they were not read; then the ledger computes the sales itself.
    `agreed_refunds` are the ids of the refunds that the reading with these agreements listed: the agreements have
    booked them. `total` is the order's as placed, before any edit, if the source says it; `duties` and `fees` are
    those charged on top of the prices when it was placed. `transactions` are its payments: the API lists all, a
    webhook none. `email` and `customer_id` are None for walk-ins, guests without address, and redacted people.
    Statuses are Shopify's enums in lower case (paid, partially_refunded, unfulfilled, …). `refunds_undated` is money
    that was refunded on unknown days, as in a CSV; None if every refund is in `refunds`. `checkout_token` is that of
    the checkout it came from, None if it came from none. `tags` are the merchant's. `location_id` is the shop where
    it was sold; None if it was sold online. A CSV has the location's name without its id. `journey` is None if
    Shopify knows no visit. `return_lines` are those of the orders that were read whole. `answer` is what
    the API said, None from other sources.
    """

    order_id: int
    name: str
    currency: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    total: Decimal
    number: int | None = None
    test: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    taxes_included: bool = False
    financial_status: str | None = None
    fulfillment_status: str | None = None
    source_name: str | None = None
    checkout_token: str | None = None
    cart_token: str | None = None
    tags: tuple[str, ...] = ()
    location_id: int | None = None
    location_name: str | None = None
    journey: Journey | None = None
    customer_id: int | None = None
    email: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    discount_codes: tuple[str, ...] = ()
    presentment_currency: str | None = None
    presentment_total: Decimal | None = None
    subtotal: Decimal | None = None
    discounts: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    tip: Decimal | None = None
    duties: Decimal | None = None
    fees: Decimal | None = None
    current_total: Decimal | None = None
    refunds_undated: Decimal | None = None
    line_items: tuple[LineItem, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    refunds: tuple[Refund, ...] = ()
    return_lines: tuple[ReturnLine, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    agreements: tuple[Agreement, ...] | None = None
    agreed_refunds: tuple[int, ...] = ()
    source: Source = Source.API
    withheld: Withheld = ()
    answer: OrderAnswer | None = None
