"""Which orders were placed? The orders of a period, one by one and summed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.orders.days import orders_by_day, skip_days
from core.metrics.ratios import average_order_value, ratio
from core.metrics.sales.sales_by_point import sales_by_point
from core.metrics.scope import Scope
from core.metrics.searching import MOST_COUNTED, ORDERS_FOUND, range_of
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
    None; `customer_key` is that of `core.metrics.customers.listing.Buyer`.
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
    if not _is_filtered(status, search):
        if sort.key is OrderKey.PLACED:
            period, offset = skip_days(session, scope, period, offset, sort.is_descending)
        elif limit is not None and offset >= _FAR and sort.key in _INDEXED:
            count = count_orders(session, scope, period)
            if 2 * offset > count:
                rest = max(0, min(limit, count - offset))
                backwards: Sort[OrderKey] = Sort(sort.key, not sort.is_descending)
                return _listed(session, scope, period, status, search, rest, count - offset - rest, backwards)[::-1]
    return _listed(session, scope, period, status, search, limit, offset, sort)


def _listed(
    session: Session,
    scope: Scope,
    period: Period,
    status: Status,
    search: str,
    limit: int | None,
    offset: int,
    sort: Sort[OrderKey],
) -> tuple[OrderRow, ...]:
    parameters = {**_narrowed(scope, period, status, search), "limit": limit, "offset": offset}
    found = _found(status, search)
    if sort.key is OrderKey.NAME and limit is not None:
        # Without those that come last either way, an index has the order.
        by_number = f"number {_direction(sort)}, order_id {_direction(sort)}"
        numbered = _rows(session, _statement(sort, f"{found} AND o.number IS NOT NULL", by_number), parameters)
        if len(numbered) == limit:
            return numbered
    return _rows(session, _statement(sort, found), parameters)


def _rows(session: Session, statement: str, parameters: Mapping[str, object]) -> tuple[OrderRow, ...]:
    return tuple(OrderRow(**row) for row in session.execute(text(statement), parameters).mappings())


def count_orders(
    session: Session, scope: Scope, period: Period, status: Status = Status.ALL, search: str = ""
) -> int:
    """Count the `orders` there are without a limit; with a search or a status, up to `MOST_COUNTED` and one more."""
    if not _is_filtered(status, search):
        return sum(number for _, number in orders_by_day(session, scope, period))
    statement = text(f"SELECT count(*) FROM ({_found(status, search)} LIMIT {MOST_COUNTED + 1}) found")
    return session.execute(statement, _narrowed(scope, period, status, search)).scalar_one()


def summary(session: Session, scope: Scope, period: Period) -> Summary:
    """Sum up the period's orders."""
    parameters = {**scope.within(period), "points": [period.instants[0]]}
    return Summary(**session.execute(_SUMMARY, parameters).mappings().one())


def first_day(session: Session, scope: Scope) -> date | None:
    """Ask for the store's day of the oldest order, in any currency; None without orders."""
    day: date | None = session.scalar(_FIRST_DAY, scope.store.parameters)
    return day


def search_parameters(typed: str) -> dict[str, str]:
    """Make the parameters of a typed search: people type an order's name with and without its #."""
    return range_of(typed.strip().removeprefix("#"))


def _narrowed(scope: Scope, period: Period, status: Status, search: str) -> dict[str, object]:
    return {**scope.within(period), "status": status.value, **search_parameters(search)}


def _is_filtered(status: Status, search: str) -> bool:
    return status is not Status.ALL or bool(search_parameters(search)["search"])


_FIRST_DAY = text(f"SELECT min(o.business_date) FROM orders o WHERE {f.ORDERS_OF_STORE}")

_CUSTOMER = f"coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer"
_OF_CUSTOMER = f"LEFT JOIN customers c ON {f.of_store('c')} AND c.customer_id = o.customer_id"
_UNFULFILLED = "o.cancelled_at IS NULL AND coalesce(o.fulfillment_status, 'unfulfilled') <> 'fulfilled'"
_OF_STATUS = {
    Status.ALL: "",
    Status.UNFULFILLED: f" AND {_UNFULFILLED}",
    Status.CANCELLED: " AND o.cancelled_at IS NOT NULL",
}
"""Each as the condition of an index. Other statuses are of the payment."""
_FILTERED = f"""{f.ORDERS_OF_PERIOD}
      AND (:status = 'all' OR o.financial_status = :status
           OR (:status = 'cancelled' AND o.cancelled_at IS NOT NULL)
           OR (:status = 'unfulfilled' AND {_UNFULFILLED}))"""
_SEARCHED = f"o.order_id IN ({ORDERS_FOUND})"


FOUND_FOR_FILE = f"SELECT o.* FROM orders o WHERE {_FILTERED} AND (:search = '' OR {_SEARCHED})"
"""Selects the orders of the list for a file, which may be searched or not."""


def _found(status: Status, search: str) -> str:
    """Select the rows of the list. With a search, PostgreSQL begins with the orders found."""
    of_status = _OF_STATUS.get(status, " AND o.financial_status = :status")
    searched = f" AND {_SEARCHED}" if search.strip() else ""
    return f"SELECT o.* FROM orders o WHERE {f.ORDERS_OF_PERIOD}{of_status}{searched}"


_INDEXED = (OrderKey.TOTAL, OrderKey.NET_SALES)
_FAR = 5_000
"""Rows before a page from which on it is looked for from the nearer end."""
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
    """The SQL of `orders` for a file, which may be searched or not."""
    return _statement(sort, FOUND_FOR_FILE)


def _direction(sort: Sort[OrderKey]) -> str:
    return "DESC" if sort.is_descending else "ASC"


def _statement(sort: Sort[OrderKey], found: str, columns: str = "") -> str:
    """The SQL of a list of the orders `found`; sorted by `columns` where they are given.

    Net sales and items are sums of the ledger, and the customer is another row. They are looked up for the rows of
    the page, or for all orders of the period if the list is sorted by them.
    """
    direction = _direction(sort)
    order = order_by(_SORTED, sort, f"order_id {direction}" if sort.key in _INDEXED else _NEWEST)
    order = f"ORDER BY {columns}" if columns else order
    is_looked_up = sort.key in (OrderKey.ITEMS, OrderKey.CUSTOMER)
    rows = found if is_looked_up else f"{found} {order} {_PAGE}"
    if sort.key is OrderKey.NET_SALES:
        rows = f"{_with_net_sales(found)} ORDER BY k.net_sales {direction}, k.order_id {direction} {_PAGE}"
    page = _PAGE if is_looked_up else ""
    return f"""
SELECT order_id, name, processed_at, customer, customer_key, country, items, total, net_sales, currency,
       financial_status, fulfillment_status, cancelled_at
FROM (
    SELECT o.order_id, o.number, o.name, o.business_date, o.processed_at, o.country, o.total, o.currency,
           o.financial_status, o.fulfillment_status, o.cancelled_at, o.customer_key, {_CUSTOMER}
    FROM ({rows}) o {_OF_CUSTOMER}
) found, LATERAL (
    SELECT {f.NET_SALES} AS net_sales, {f.UNITS_ORDERED} AS items
    FROM sales s WHERE {f.SALES_OF_STORE} AND s.order_id = found.order_id
) ledger
{order} {page}
"""


def _with_net_sales(found: str) -> str:
    """Begin with the kept net sales of each order, which an index has in order."""
    kept = f"customer_orders k JOIN orders o ON {f.of_store('o')} AND o.order_id = k.order_id"
    return found.replace("FROM orders o WHERE", f"FROM {kept} WHERE {_KEPT} AND", 1)


_KEPT = f"{f.of_store('k')} AND k.business_date BETWEEN :start AND :end"

_SUMMARY = text(f"""
    SELECT coalesce(orders, 0) AS orders, coalesce(cancelled_orders, 0) AS cancelled_orders,
           coalesce(placed_value, 0) AS placed_value, coalesce(units_ordered, 0) AS units_ordered
    FROM ({sales_by_point()}) summed WHERE point IS NULL
""")
