"""Which orders were placed? The orders of a period, one by one and summed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.ratios import average_order_value, ratio
from core.metrics.sales_by_point import sales_by_point
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class Status(StrEnum):
    """A filter of the list of orders; all names but `ALL` are Shopify's."""

    ALL = "all"
    PAID = "paid"
    PENDING = "pending"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    UNFULFILLED = "unfulfilled"
    CANCELLED = "cancelled"


class OrderKey(StrEnum):
    """What a list of orders can be sorted by."""

    NAME = "name"
    TOTAL = "total"
    CUSTOMER = "customer"
    PLACED = "placed"
    NET_SALES = "net_sales"
    ITEMS = "items"
    PAYMENT = "payment"
    FULFILLMENT = "fulfillment"


NEWEST_FIRST = Sort(OrderKey.PLACED, is_descending=True)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list.

    `total` is the amount charged when it was placed, with tax and shipping. `net_sales` is the value of its goods
    now, after edits and returns. Both are in the order's own `currency`. `customer` is a name, else an address, else
    None; `customer_key` is that of `core.metrics.customers.Buyer`.
    """

    order_id: int
    name: str
    processed_at: datetime
    customer: str | None
    customer_key: str
    country: str | None
    items: int
    total: Decimal
    net_sales: Decimal
    currency: str
    financial_status: str | None
    fulfillment_status: str | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums over the orders placed in a period; names are those of `definitions`."""

    orders: int
    units_ordered: int
    placed_value: Decimal
    cancelled_orders: int

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    @property
    def items_per_order(self) -> Decimal | None:
        """None without orders."""
        return ratio(self.units_ordered, self.orders)

    @property
    def cancelled_rate(self) -> Decimal | None:
        """A fraction; None without orders."""
        return ratio(self.cancelled_orders, self.orders)


def orders(
    session: Session,
    scope: Scope,
    period: Period,
    status: Status = Status.ALL,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[OrderKey] = NEWEST_FIRST,
) -> tuple[OrderRow, ...]:
    """List the orders placed in the period, of equal ones the newest first.

    `search` is the beginning of a name ("#10", "10"), of an address, or of the customer's first or last name.
    """
    parameters = {**_narrowed(scope, period, status, search), "limit": limit, "offset": offset}
    rows = session.execute(text(orders_statement(sort)), parameters)
    return tuple(OrderRow(**row) for row in rows.mappings())


def count_orders(
    session: Session, scope: Scope, period: Period, status: Status = Status.ALL, search: str = ""
) -> int:
    """Count the `orders` there are without a limit."""
    statement = text(f"SELECT count(*) FROM ({_FOUND}) found")
    return session.execute(statement, _narrowed(scope, period, status, search)).scalar_one()


def summary(session: Session, scope: Scope, period: Period) -> Summary:
    """Sum up the period's orders."""
    parameters = {**scope.within(period), "points": [period.instants[0]]}
    return Summary(**session.execute(_SUMMARY, parameters).mappings().one())


def first_day(session: Session, scope: Scope) -> date | None:
    """Ask for the store's day of the oldest order, in any currency; None without orders."""
    day: date | None = session.scalar(_FIRST_DAY, scope.store.parameters)
    return day


def search_pattern(typed: str) -> str:
    """Make the parameter `search` of a typed text: people type an order's name with and without its #."""
    return f.prefix(typed.strip().removeprefix("#"))


def _narrowed(scope: Scope, period: Period, status: Status, search: str) -> dict[str, object]:
    return {**scope.within(period), "status": status.value, "search": search_pattern(search)}


_FIRST_DAY = text(f"SELECT min(o.business_date) FROM orders o WHERE {f.ORDERS_OF_STORE}")

_FOUND = f"""
    SELECT o.order_id, o.number, o.name, o.business_date, o.processed_at, o.country, o.total, o.currency,
           o.financial_status, o.fulfillment_status, o.cancelled_at, o.customer_key,
           coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer
    FROM orders o
    LEFT JOIN customers c
      ON {f.of_store("c")} AND c.customer_id = o.customer_id
    WHERE {f.ORDERS_OF_PERIOD}
      AND (:status = 'all' OR o.financial_status = :status
           OR (:status = 'cancelled' AND o.cancelled_at IS NOT NULL)
           OR (:status = 'unfulfilled' AND o.cancelled_at IS NULL
               AND coalesce(o.fulfillment_status, 'unfulfilled') <> 'fulfilled'))
      AND (:search = '%' OR ltrim(lower(o.name), '#') LIKE :search OR lower(o.email) LIKE :search
           OR lower(c.email) LIKE :search
           OR lower(c.first_name) LIKE :search OR lower(c.last_name) LIKE :search
           OR lower(concat_ws(' ', c.first_name, c.last_name)) LIKE :search)"""

_OF_LEDGER = (OrderKey.NET_SALES, OrderKey.ITEMS)
_SORTED = {
    # The day is the first column after the store in the index: a page of any period reads its own rows only.
    OrderKey.PLACED: "business_date {}, processed_at {}",
    OrderKey.NAME: f"{nullable('number')}, {by_text('name')}",
    OrderKey.TOTAL: "total {}",
    OrderKey.CUSTOMER: by_text("customer"),
    OrderKey.NET_SALES: "net_sales {}",
    OrderKey.ITEMS: "items {}",
    OrderKey.PAYMENT: nullable("financial_status"),
    OrderKey.FULFILLMENT: "cancelled_at IS NOT NULL {}, coalesce(fulfillment_status, 'unfulfilled') {}",
}
_NEWEST = "business_date DESC, processed_at DESC, order_id DESC"
_PAGE = "LIMIT :limit OFFSET :offset"


def orders_statement(sort: Sort[OrderKey] = NEWEST_FIRST) -> str:
    """The SQL of `orders`.

    Net sales and items are sums of the ledger. They are looked up for the rows of the page, or for all orders of the
    period if the list is sorted by them.
    """
    order = order_by(_SORTED, sort, _NEWEST)
    rows = "found" if sort.key in _OF_LEDGER else f"(SELECT * FROM found {order} {_PAGE}) found"
    page = _PAGE if sort.key in _OF_LEDGER else ""
    return f"""
WITH found AS ({_FOUND})
SELECT found.order_id, name, processed_at, customer, customer_key, country, items, total, net_sales, currency,
       financial_status, fulfillment_status, cancelled_at
FROM {rows}, LATERAL (
    SELECT {f.NET_SALES} AS net_sales, {f.UNITS_ORDERED} AS items
    FROM sales s WHERE {f.SALES_OF_STORE} AND s.order_id = found.order_id
) ledger
{order} {page}
"""


_SUMMARY = text(f"""
    SELECT coalesce(orders, 0) AS orders, coalesce(cancelled_orders, 0) AS cancelled_orders,
           coalesce(placed_value, 0) AS placed_value, coalesce(units_ordered, 0) AS units_ordered
    FROM ({sales_by_point()}) summed WHERE point IS NULL
""")
