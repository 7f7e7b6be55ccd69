"""What is in one order? Its lines, its refunds, its ledger rows and their sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as sold. `quantity_now` is after edits and returns, None if Shopify did not send it.

    `charged` is the price of all units less the discounts of the line; it contains tax if the order's prices do.
    `product_id` is None where the catalogue does not have the product.
    """

    title: str
    variant: str | None
    sku: str | None
    product_id: int | None
    quantity: int
    quantity_now: int | None
    unit_price: Decimal
    discount: Decimal
    charged: Decimal
    is_tip: bool
    is_gift_card: bool


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One dated change of sales, signed as `core.database.models.Sale`; `day` is the store's day it counts on."""

    day: date
    happened_at: datetime
    reason: str
    action: str
    line_type: str
    title: str | None
    quantity: int
    net: Decimal
    discount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class OrderVisit:
    """A visit to the online store before the order; see `core.domain.Visit`. `is_first` if it was the first one."""

    is_first: bool
    occurred_at: datetime | None
    source: str | None
    source_type: str | None
    referrer: str | None
    landing_page: str | None
    medium: str | None
    campaign: str | None


@dataclass(frozen=True, slots=True)
class OrderReturn:
    """Units that the customer asked to return, with the reason; `title` is None where Shopify matched no line."""

    requested_at: datetime
    title: str | None
    quantity: int
    reason: str
    note: str | None
    status: str


@dataclass(frozen=True, slots=True)
class OrderRefund:
    """Money that was paid back: `units` is the number of units that came back with it."""

    refund_id: int
    day: date
    processed_at: datetime
    refunded: Decimal
    units: int
    note: str | None


@dataclass(frozen=True, slots=True)
class OrderSums:
    """Sums over all ledger rows of an order. The fields are named as in `core.metrics.definitions`."""

    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    shipping: Decimal
    taxes: Decimal
    duties: Decimal
    fees: Decimal
    total_sales: Decimal


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """An order as it is stored. All amounts are in `currency`, but `presentment_total`: what the customer paid.

    `total` is as placed, `current_total` after edits and returns. `customer` is a name, else an address, else None.
    `is_ledger_read` is False while the rows are computed, because Shopify's own ledger was not read yet. `location`
    is the name of the shop where it was sold, else its number. `visits` are the first and the last one, or one that
    was both.
    """

    order_id: int
    name: str
    placed_at: datetime
    day: date
    cancelled_at: datetime | None
    cancel_reason: str | None
    customer_key: str
    customer: str | None
    country: str | None
    is_redacted: bool
    test: bool
    financial_status: str | None
    fulfillment_status: str | None
    discount_codes: tuple[str, ...]
    tags: tuple[str, ...]
    location: str | None
    taxes_included: bool
    currency: str
    total: Decimal
    current_total: Decimal | None
    presentment_currency: str | None
    presentment_total: Decimal | None
    refunds_undated: Decimal | None
    is_ledger_read: bool
    lines: tuple[OrderLine, ...]
    ledger: tuple[LedgerRow, ...]
    refunds: tuple[OrderRefund, ...]
    returns: tuple[OrderReturn, ...]
    visits: tuple[OrderVisit, ...]
    sums: OrderSums

    @property
    def refunded(self) -> Decimal:
        """All money paid back, on known and unknown days."""
        return sum((refund.refunded for refund in self.refunds), self.refunds_undated or Decimal(0))


def order_details(session: Session, scope: Scope, order_id: int) -> OrderDetails | None:
    """Find an order of the store with all its parts; None if it is unknown or deleted."""
    parameters = {**scope.parameters, "order_id": order_id}

    def rows(statement: str) -> list[dict[str, Any]]:
        return [dict(row) for row in session.execute(text(statement), parameters).mappings()]

    for order in rows(_ORDER):
        parts = {
            "lines": tuple(OrderLine(**row) for row in rows(LINES)),
            "ledger": tuple(LedgerRow(**row) for row in rows(LEDGER)),
            "refunds": tuple(OrderRefund(**row) for row in rows(REFUNDS)),
            "returns": tuple(OrderReturn(**row) for row in rows(RETURNS)),
            "visits": tuple(OrderVisit(**row) for row in rows(_VISITS)),
            "sums": OrderSums(**rows(_SUMS)[0]),
        }
        lists = {name: tuple(order[name]) for name in ("discount_codes", "tags")}
        return OrderDetails(**order | lists | parts)
    return None


# A webhook has the number alone; an order that the API gave has the name, too.
_LOCATION_NAME = f"""(
           SELECT n.location_name FROM orders n
           WHERE {f.of_store("n")} AND n.location_id = o.location_id AND n.location_name IS NOT NULL LIMIT 1)"""

_ORDER = f"""
SELECT o.order_id, o.name, o.processed_at AS placed_at, o.business_date AS day, o.cancelled_at, o.cancel_reason,
       o.customer_key, coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer,
       o.country, o.test, o.financial_status, o.fulfillment_status, o.discount_codes, o.taxes_included, o.currency,
       o.tags, coalesce(o.location_name, {_LOCATION_NAME}, CAST(o.location_id AS text)) AS location,
       o.total, o.current_total, o.presentment_currency, o.presentment_total, o.refunds_undated,
       o.agreements IS NOT NULL AS is_ledger_read,
       EXISTS (
           SELECT FROM redactions r
           WHERE {f.of_store("r")}
             AND (r.kind, r.shopify_id) IN (('order', o.order_id), ('customer', o.customer_id))
       ) AS is_redacted
FROM orders o
LEFT JOIN customers c ON {f.of_store("c")} AND c.customer_id = o.customer_id
WHERE {f.of_store("o")} AND o.order_id = :order_id AND o.deleted_at IS NULL
"""

LINES = f"""
SELECT l.title, l.variant_title AS variant, l.sku, p.product_id, l.quantity, l.current_quantity AS quantity_now,
       l.unit_price, l.discount, l.unit_price * l.quantity - l.discount AS charged, l.is_tip, l.is_gift_card
FROM line_items l
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = l.product_id AND p.deleted_at IS NULL
WHERE {f.of_store("l")} AND l.order_id = :order_id
ORDER BY l.position, l.line_item_id
"""

LEDGER = f"""
SELECT s.business_date AS day, s.happened_at, s.reason, s.action, s.line_type, l.title, s.quantity, s.net,
       s.discount, s.tax
FROM sales s
LEFT JOIN line_items l ON {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id
WHERE {f.SALES_OF_STORE} AND s.order_id = :order_id
ORDER BY s.happened_at, s.sale_no
"""

REFUNDS = f"""
SELECT r.refund_id, r.business_date AS day, r.processed_at, r.refunded, (
           SELECT coalesce(sum(l.quantity), 0)::bigint FROM refund_lines l
           WHERE {f.of_store("l")} AND l.refund_id = r.refund_id
       ) AS units, r.note
FROM refunds r
WHERE {f.of_store("r")} AND r.order_id = :order_id
ORDER BY r.processed_at, r.refund_id
"""

RETURNS = f"""
SELECT r.requested_at, l.title, r.quantity, coalesce(nullif(r.reason_name, ''), r.reason) AS reason, r.note, r.status
FROM return_lines r
LEFT JOIN line_items l ON {f.of_store("l")} AND l.order_id = r.order_id AND l.line_item_id = r.line_item_id
WHERE {f.of_store("r")} AND r.order_id = :order_id
ORDER BY r.requested_at, r.return_line_id
"""

_VISITS = f"""
SELECT visits.name = 'first' AS is_first, CAST(visit->>'occurred_at' AS timestamptz) AS occurred_at,
       visit->>'source' AS source, visit->>'source_type' AS source_type, visit->>'referrer' AS referrer,
       visit->>'landing_page' AS landing_page, visit->>'utm_medium' AS medium, visit->>'utm_campaign' AS campaign
FROM orders o, LATERAL (VALUES
    ('first', nullif(o.journey->'first', o.journey->'last')), ('last', o.journey->'last')) AS visits (name, visit)
WHERE {f.of_store("o")} AND o.order_id = :order_id AND visits.visit IS NOT NULL
ORDER BY is_first DESC
"""

_SUMS = f"""
SELECT {f.GROSS_SALES} AS gross_sales, {f.DISCOUNTS} AS discounts, {f.RETURNS} AS returns, {f.NET_SALES} AS net_sales,
       {f.SHIPPING} AS shipping, {f.TAXES} AS taxes, {f.DUTIES} AS duties, {f.FEES} AS fees,
       {f.TOTAL_SALES} AS total_sales
FROM sales s
WHERE {f.SALES_OF_STORE} AND s.order_id = :order_id
"""
"""An order has one currency, so its rows are summed as they are."""
