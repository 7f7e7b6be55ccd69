"""Which orders came back? One row for each order and day on which goods came back or money was paid back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.returns.later_sales import LATER, Basis, of_period
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class ReturnKey(StrEnum):
    """What a list of returned orders can be sorted by."""

    RETURNED = "returned"
    PLACED = "placed"
    NAME = "name"
    RETURNS = "returns"
    REFUNDED = "refunded"
    UNITS = "units"
    REASON = "reason"


NEWEST_FIRST = Sort(ReturnKey.RETURNED, is_descending=True)
LATEST_ORDERS_FIRST = Sort(ReturnKey.PLACED, is_descending=True)
FIRST_SORT = {Basis.RETURN_DAY: NEWEST_FIRST, Basis.ORDER_DAY: LATEST_ORDERS_FIRST}
"""The order that a list has at first."""


@dataclass(frozen=True, slots=True)
class ReturnedOrder:
    """What came back of an order on one day. `items` are titles with units, None where money alone was paid back.

    `returned_at` is the last event of the day. `reason` is None where no refund of the day has a note.
    """

    order_id: int
    name: str
    returned_at: datetime
    placed_at: datetime
    items: str | None
    units_returned: int
    returns: Decimal
    refunded: Decimal
    reason: str | None
    currency: str


def returned_orders(
    session: Session,
    scope: Scope,
    period: Period,
    basis: Basis,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[ReturnKey] = NEWEST_FIRST,
) -> tuple[ReturnedOrder, ...]:
    """List what came back, by order and day; `search` is the beginning of an order's name, or a part of a reason."""
    parameters = {**_narrowed(scope, period, search), "limit": limit, "offset": offset}
    statement = returned_orders_statement(basis, sort, is_searched=bool(search.strip()))
    rows = session.execute(text(statement), parameters)
    return tuple(ReturnedOrder(**row) for row in rows.mappings())


def count_returned_orders(session: Session, scope: Scope, period: Period, basis: Basis, search: str = "") -> int:
    """Count the `returned_orders` there are without a limit."""
    statement = text(_count_statement(basis, bool(search.strip())))
    return session.execute(statement, _narrowed(scope, period, search)).scalar_one()


def searches(typed: str) -> dict[str, str]:
    """Make the parameters of a typed search."""
    return {"search": f.prefix(typed.strip().removeprefix("#")), "contained": f.containing(typed)}


def _narrowed(scope: Scope, period: Period, search: str) -> dict[str, object]:
    return {**scope.within(period), **searches(search)}


def _days(basis: Basis) -> str:
    """Select the rows `l` of the list; it has no row of an edit."""
    return f"FROM {LATER} l WHERE l.kind <> 'added' AND {of_period(basis)}"


_SUMS = """
        max(l.happened_at) AS returned_at, min(l.placed_at) AS placed_at, min(l.placed_on) AS placed_on,
        sum(l.units_returned)::bigint AS units_returned, sum(l.returned) AS returns, sum(l.refunded) AS refunded,
        string_agg(DISTINCT l.reason, '; ') AS reason, l.currency"""
_IS_FOUND = """(:contained = '%' OR ltrim(lower(name), '#') LIKE :search OR lower(reason) LIKE :contained)"""


def _found(basis: Basis) -> str:
    return f"""
    SELECT * FROM (
        SELECT back.*, o.name, o.number FROM (
            SELECT l.order_id, l.happened_on, {_SUMS} {_days(basis)}
            GROUP BY l.happened_on, l.order_id, l.currency
        ) back
        JOIN orders o ON {f.of_store("o")} AND o.order_id = back.order_id
    ) named WHERE {_IS_FOUND}"""


def _newest(basis: Basis, sort: Sort[ReturnKey]) -> str:
    """The rows of one page in the order of an index: PostgreSQL reads those of the page and no more."""
    day = _INDEXED[basis][1]
    direction = "DESC" if sort.is_descending else "ASC"
    order = f"ORDER BY l.{day} {direction}, l.order_id {direction}"
    columns = f"l.{day}, l.order_id"
    if day != "happened_on":
        columns, order = f"{columns}, l.happened_on", f"{order}, l.happened_on {direction}"
    return f"""
    SELECT back.*, o.name, o.number FROM (
        SELECT DISTINCT {columns} {_days(basis)} {order} LIMIT :limit OFFSET :offset
    ) page
    JOIN LATERAL (
        SELECT l.order_id, l.happened_on, {_SUMS} {_days(basis)}
          AND l.order_id = page.order_id AND l.happened_on = page.happened_on
        GROUP BY l.happened_on, l.order_id, l.currency
    ) back ON true
    JOIN orders o ON {f.of_store("o")} AND o.order_id = back.order_id"""


_INDEXED = {
    Basis.RETURN_DAY: (ReturnKey.RETURNED, "happened_on"),
    Basis.ORDER_DAY: (ReturnKey.PLACED, "placed_on"),
}
"""By basis: the sort that an index has, and its day."""
_SORTED = {
    ReturnKey.RETURNED: "happened_on {}, order_id {}",
    ReturnKey.PLACED: "placed_on {}, order_id {}, happened_on {}",
    ReturnKey.NAME: f"{nullable('number')}, {by_text('name')}",
    ReturnKey.RETURNS: "returns {}",
    ReturnKey.REFUNDED: "refunded {}",
    ReturnKey.UNITS: "units_returned {}",
    ReturnKey.REASON: by_text("reason"),
}
_TIE = "happened_on DESC, order_id DESC"


def returned_orders_statement(basis: Basis, sort: Sort[ReturnKey] = NEWEST_FIRST, is_searched: bool = True) -> str:
    """The SQL of `returned_orders`. Items are looked up for the rows of the page only.

    Without a search, a list in the order of its days reads the rows of the page alone.
    """
    order = order_by(_SORTED, sort, _TIE)
    page = f"SELECT * FROM ({_found(basis)}) found {order} LIMIT :limit OFFSET :offset"
    if not is_searched and sort.key is _INDEXED[basis][0]:
        page = _newest(basis, sort)
    return f"""
SELECT found.order_id, name, returned_at, placed_at, goods.items, units_returned, returns, refunded, reason, currency
FROM ({page}) found
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(' · ', title, variant_title) || CASE WHEN units > 1 THEN ' × ' || units ELSE '' END,
                      ', ' ORDER BY title, variant_title) AS items
    FROM (
        SELECT i.title, i.variant_title, sum(-s.quantity) AS units
        FROM sales s
        JOIN line_items i ON {f.of_store("i")} AND i.order_id = s.order_id AND i.line_item_id = s.line_item_id
        WHERE {f.SALES_OF_STORE} AND s.order_id = found.order_id AND s.business_date = found.happened_on
          AND s.line_type = 'product' AND s.action = 'return'
        GROUP BY i.title, i.variant_title
    ) items
) goods ON true
{order}
"""


def _count_statement(basis: Basis, is_searched: bool) -> str:
    """Count the rows; without a search, no order is looked up."""
    if is_searched:
        return f"SELECT count(*) FROM ({_found(basis)}) found"
    return f"SELECT count(*) FROM (SELECT {_days(basis)} GROUP BY l.happened_on, l.order_id, l.currency) found"
