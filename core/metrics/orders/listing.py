"""Which orders were placed? The orders of a period, one by one and summed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.orders.days import orders_by_day, skip_days
from core.metrics.orders.rows import ROW, SUMS_OF_ORDER, OrderRow
from core.metrics.orders.sorts import COLUMNS, FULFILLMENT_STATE, NEWEST_FIRST, OrderKey, Status
from core.metrics.paging import Cursor, Page, Slice, keys_of, order_of, page_of, read_slices, selected
from core.metrics.ratios import average_order_value, ratio
from core.metrics.sales.sales_by_point import sales_by_point
from core.metrics.scope import Scope
from core.metrics.searching import MOST_COUNTED, ORDER_MATCHES, ORDERS_FOUND, range_of, some_orders_found
from core.metrics.sorting import Sort, by_text, direction, order_by

_FEW_PLACED = 50_000
"""A period with at most so many orders is scanned whole; an index of all periods would cost more."""
FAR = 5_000
"""Rows before a page from which on it is looked for from the nearer end."""
MANY_FOUND = 2_000
"""Orders that a search finds from which on they are not sorted."""


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


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """Which orders to answer with: those placed in the period, of a status, that a search finds.

    `search` is the beginning of a name ("#10", "10"), of an address, or of the customer's first or last name. Of
    equal orders the newest comes first where the largest does, else the oldest. Rows begin at the `cursor` of another
    page, else at `offset`; without a `limit` there are all.
    """

    period: Period
    status: Status = Status.ALL
    search: str = ""
    sort: Sort[OrderKey] = NEWEST_FIRST
    limit: int | None = None
    offset: int = 0
    cursor: Cursor | None = None

    @property
    def is_searched(self) -> bool:
        """Whether anything was typed, be it a # alone."""
        return bool(self.search.strip())

    @property
    def is_filtered(self) -> bool:
        """Whether it has fewer orders than the period."""
        return self.status is not Status.ALL or bool(search_parameters(self.search)["search"])

    def parameters(self, scope: Scope) -> dict[str, object]:
        """The parameters of its SQL."""
        return {**scope.within(self.period), "status": self.status.value, **search_parameters(self.search)}


def orders(session: Session, scope: Scope, question: OrderQuestion) -> tuple[OrderRow, ...]:
    """List the orders of `orders_page` without its cursors."""
    return orders_page(session, scope, question).rows


def orders_page(
    session: Session, scope: Scope, question: OrderQuestion, far: int = FAR, many: int = MANY_FOUND
) -> Page[OrderRow]:
    """List the orders of a question.

    From `far` on, a page is looked for from the nearer end; from `many` found orders on, those of a page are met in
    the order of the list.
    """
    sort, limit, offset = question.sort, question.limit, question.offset
    columns, is_from_end = COLUMNS.get(sort.key), False
    is_short = False
    if question.cursor is None and not question.is_filtered:
        if sort.key is OrderKey.PLACED:
            period, offset = skip_days(session, scope, question.period, offset, sort.is_descending)
            question = replace(question, period=period)
        elif columns and limit is not None and (offset >= far or sort.key is OrderKey.NAME):
            count = count_orders(session, scope, question)
            is_short = sort.key is OrderKey.NAME and count <= _FEW_PLACED
            if is_from_end := offset >= far and 2 * offset > count:
                limit = max(0, min(limit, count - offset))
                offset = count - offset - limit
    parameters = question.parameters(scope)
    if columns is None:
        statement = _sorted_by_look_up(sort, _found(question))
        rows = session.execute(text(statement), parameters | {"limit": limit, "offset": offset}).mappings()
        return Page(tuple(OrderRow(**row) for row in rows))
    are_many = question.is_searched and _are_many(session, parameters, many)
    found = _found_by_key(question, are_many)
    if is_short:
        # Numbers grow with time: an index would lead through all orders before the period, or behind it.
        found = f"(SELECT o.* FROM {found} OFFSET 0) o WHERE true"

    def read(part: Slice) -> Sequence[RowMapping]:
        page = f"SELECT {keys_of(columns)} FROM {found} AND {part.condition} {part.order}"
        order_id = f"page.key_{len(columns) - 1}"
        rows = f"SELECT o.*, page.* FROM ({page}) page JOIN orders o ON {f.of_store('o')} AND o.order_id = {order_id}"
        statement = _listed(rows, part.order_of_keys, keys=len(columns))
        return session.execute(text(statement), {**parameters, **part.parameters}).mappings().all()

    def count_of(condition: str) -> int:
        return session.execute(text(f"SELECT count(*) FROM {found} AND {condition}"), parameters).scalar_one()

    part = read_slices(read, count_of, columns, sort.is_descending, limit, offset, question.cursor, is_from_end)
    return page_of(part, columns, OrderRow)


def count_orders(session: Session, scope: Scope, question: OrderQuestion, many: int = MANY_FOUND) -> int:
    """Count the `orders` there are without a limit; with a search or a status, up to `MOST_COUNTED` and one more."""
    if not question.is_filtered:
        return sum(number for _, number in orders_by_day(session, scope, question.period))
    parameters = question.parameters(scope) | {"most": MOST_COUNTED + 1}
    statement = f"SELECT count(*) FROM ({_found(question, are_many=True)} LIMIT :most) found"
    if question.is_searched:
        # Of a short period, all orders are compared: most of those found are of other periods.
        is_short = (
            _are_many(session, parameters, many)
            and count_orders(session, scope, OrderQuestion(question.period)) <= _FEW_PLACED
        )
        statement = statement if is_short else some_orders_found(_of_list(question.status))
    return session.execute(text(statement), parameters).scalar_one()


def _are_many(session: Session, parameters: Mapping[str, object], many: int) -> bool:
    """Whether a search finds so many orders in any period."""
    statement = text(some_orders_found(f.ORDERS_OF_STORE))
    return session.execute(statement, {**parameters, "most": many}).scalar_one() >= many


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


_FIRST_DAY = text(f"SELECT min(o.business_date) FROM orders o WHERE {f.ORDERS_OF_STORE}")

_CUSTOMER = f"coalesce({f.CUSTOMER_NAME}, c.email, o.email) AS customer"
_OF_CUSTOMER = f"LEFT JOIN customers c ON {f.of_store('c')} AND c.customer_id = o.customer_id"
_UNFULFILLED = "o.cancelled_at IS NULL AND coalesce(o.fulfillment_status, 'unfulfilled') <> 'fulfilled'"
_OF_STATUS = {
    Status.ALL: "",
    Status.UNFULFILLED: f" AND {_UNFULFILLED}",
    Status.CANCELLED: f" AND {FULFILLMENT_STATE} = '~'",
}
"""Each as the condition of an index. Other statuses are of the payment."""
_FILTERED = f"""{f.ORDERS_OF_PERIOD}
      AND (:status = 'all' OR o.financial_status = :status
           OR (:status = 'cancelled' AND o.cancelled_at IS NOT NULL)
           OR (:status = 'unfulfilled' AND {_UNFULFILLED}))"""
_SEARCHED = f"o.order_id IN ({ORDERS_FOUND})"
_FILTERED_FOR_FILE = f"{_FILTERED} AND (:search = '' OR {_SEARCHED})"
_WITH_NET_SALES = f"customer_orders k JOIN orders o ON {f.of_store('o')} AND o.order_id = k.order_id"
_KEPT = f"{f.of_store('k')} AND k.business_date BETWEEN :start AND :end"
_KEPT_OF_PERIOD = f"{_KEPT} AND (CAST(:until AS timestamptz) IS NULL OR k.processed_at < :until)"

FOUND_FOR_FILE = f"SELECT o.* FROM orders o WHERE {_FILTERED_FOR_FILE}"
"""Selects the orders of the list for a file, which may be searched or not."""


def _of_list(status: Status) -> str:
    """The condition of a list without a search."""
    return f"{f.ORDERS_OF_PERIOD}{_OF_STATUS.get(status, ' AND o.financial_status = :status')}"


def _found(question: OrderQuestion, are_many: bool = False) -> str:
    """Select the rows of the list. With a search, PostgreSQL begins with the orders found, unless they are many."""
    searched = f" AND {ORDER_MATCHES if are_many else _SEARCHED}" if question.is_searched else ""
    return f"SELECT o.* FROM orders o WHERE {_of_list(question.status)}{searched}"


def _found_by_key(question: OrderQuestion, are_many: bool) -> str:
    """The tables and conditions of a page. An index has the kept net sales of each order in order."""
    found = _found(question, are_many)
    if question.sort.key is not OrderKey.NET_SALES:
        return found.removeprefix("SELECT o.* FROM ")
    if not question.is_filtered:
        return f"customer_orders k WHERE {_KEPT_OF_PERIOD}"
    return f"{_WITH_NET_SALES} WHERE {_KEPT} AND {found.partition(' WHERE ')[2]}"


_PAGE = "LIMIT :limit OFFSET :offset"
_LOOKED_UP = {OrderKey.CUSTOMER: by_text("customer"), OrderKey.ITEMS: "items {}"}


def orders_statement(sort: Sort[OrderKey] = NEWEST_FIRST) -> str:
    """The SQL of `orders` for a file, which may be searched or not."""
    columns = COLUMNS.get(sort.key)
    if columns is None:
        return _sorted_by_look_up(sort, FOUND_FOR_FILE)
    tables, kept = ("orders o", "") if sort.key is not OrderKey.NET_SALES else (_WITH_NET_SALES, f"{_KEPT} AND ")
    order = order_of(columns, sort.is_descending)
    rows = f"SELECT o.*, {keys_of(columns)} FROM {tables} WHERE {kept}{_FILTERED_FOR_FILE} {order} {_PAGE}"
    return _listed(rows, order_of(selected(columns), sort.is_descending))


def _sorted_by_look_up(sort: Sort[OrderKey], found: str) -> str:
    """Sort by what is looked up for every order `found`: names of customers, and sums of the ledger."""
    order = order_by(_LOOKED_UP, sort, "business_date {0}, processed_at {0}, order_id {0}".format(direction(sort)))
    return f"{_listed(found, order)} {_PAGE}"


def _listed(rows: str, order: str, keys: int = 0) -> str:
    """The SQL of a list of the orders of `rows`, with so many of their keys.

    Net sales and items are sums of the ledger, and the customer is another row: both are looked up for these rows.
    """
    selected_keys = "".join(f"key_{number}, " for number in range(keys))
    return f"""
SELECT {selected_keys}found.customer, {ROW}
FROM (SELECT o.*, {_CUSTOMER} FROM ({rows}) o {_OF_CUSTOMER}) found, LATERAL (
    {SUMS_OF_ORDER} AND s.order_id = found.order_id
) ledger
{order}
"""


_SUMMARY = text(f"""
    SELECT coalesce(orders, 0) AS orders, coalesce(cancelled_orders, 0) AS cancelled_orders,
           coalesce(placed_value, 0) AS placed_value, coalesce(units_ordered, 0) AS units_ordered
    FROM ({sales_by_point()}) summed WHERE point IS NULL
""")
