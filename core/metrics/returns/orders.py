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
from core.metrics.searching import begins, range_of
from core.metrics.sorting import Sort, by_text, order_by


class ReturnKey(StrEnum):
    """What a list of returned orders can be sorted by."""

    RETURNED = "returned"
    PLACED = "placed"
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
    return {**range_of(typed.strip().removeprefix("#")), "contained": f.containing(typed)}


def _narrowed(scope: Scope, period: Period, search: str) -> dict[str, object]:
    return {**scope.within(period), **searches(search)}


def _days(basis: Basis) -> str:
    """Select the rows `l` of the list; it has no row of an edit."""
    return f"FROM {LATER} l WHERE l.kind <> 'added' AND {of_period(basis)}"


_KEY = "l.happened_on, l.order_id, l.currency"
_SUMS = """
        max(l.happened_at) AS returned_at, min(l.placed_at) AS placed_at, min(l.placed_on) AS placed_on,
        sum(l.units_returned)::bigint AS units_returned, sum(l.returned) AS returns, sum(l.refunded) AS refunded,
        string_agg(DISTINCT l.reason, '; ') AS reason"""
_NAMED = f"SELECT o.order_id FROM orders o WHERE {f.of_store('o')} AND {begins('o.name_norm')}"
_IS_FOUND = f"(:contained = '%' OR bool_or(lower(l.reason) LIKE :contained) OR l.order_id IN ({_NAMED}))"


def _groups(basis: Basis, is_searched: bool, sums: str = "") -> str:
    """Select the key of each row of the list, with the sums that it is sorted by."""
    found = f" HAVING {_IS_FOUND}" if is_searched else ""
    return f"SELECT {_KEY}, min(l.placed_on) AS placed_on{sums} {_days(basis)} GROUP BY {_KEY}{found}"


def _page(basis: Basis, sort: Sort[ReturnKey], is_searched: bool) -> str:
    """The keys of one page: only what the list is sorted by is summed."""
    if not is_searched and sort.key is _INDEXED[basis]:
        return _indexed_page(basis, sort)
    groups = _groups(basis, is_searched, _SUM_OF.get(sort.key, ""))
    return f"SELECT * FROM ({groups}) groups {_order(sort)} LIMIT :limit OFFSET :offset"


def _indexed_page(basis: Basis, sort: Sort[ReturnKey]) -> str:
    """The keys of one page in the order of an index: PostgreSQL reads the rows of the page and no more."""
    columns = ("happened_on", "order_id") if basis is Basis.RETURN_DAY else ("placed_on", "order_id", "happened_on")
    keys, direction = ", ".join(f"l.{column}" for column in columns), "DESC" if sort.is_descending else "ASC"
    order = ", ".join(f"l.{column} {direction}" for column in columns)
    return f"SELECT DISTINCT {keys} {_days(basis)} ORDER BY {order} LIMIT :limit OFFSET :offset"


_INDEXED = {Basis.RETURN_DAY: ReturnKey.RETURNED, Basis.ORDER_DAY: ReturnKey.PLACED}
"""By basis: the sort that an index has."""
_SUM_OF = {
    ReturnKey.RETURNS: ", sum(l.returned) AS returns",
    ReturnKey.REFUNDED: ", sum(l.refunded) AS refunded",
    ReturnKey.UNITS: ", sum(l.units_returned)::bigint AS units_returned",
    ReturnKey.REASON: ", string_agg(DISTINCT l.reason, '; ') AS reason",
}
_SORTED = {
    ReturnKey.RETURNED: "@.happened_on {}, @.order_id {}",
    ReturnKey.PLACED: "@.placed_on {}, @.order_id {}, @.happened_on {}",
    ReturnKey.RETURNS: "@.returns {}",
    ReturnKey.REFUNDED: "@.refunded {}",
    ReturnKey.UNITS: "@.units_returned {}",
    ReturnKey.REASON: by_text("@.reason"),
}
"""The ORDER BY of each sort; @ is the alias of the rows."""


def _order(sort: Sort[ReturnKey], rows: str = "groups") -> str:
    return order_by(_SORTED, sort, "@.happened_on DESC, @.order_id DESC").replace("@", rows)


def returned_orders_statement(basis: Basis, sort: Sort[ReturnKey] = NEWEST_FIRST, is_searched: bool = True) -> str:
    """The SQL of `returned_orders`. Sums and items are looked up for the rows of the page only."""
    return f"""
SELECT back.order_id, o.name, back.returned_at, back.placed_at, goods.items, back.units_returned, back.returns,
       back.refunded, back.reason, back.currency
FROM ({_page(basis, sort, is_searched)}) page
JOIN LATERAL (
    SELECT {_KEY}, {_SUMS} {_days(basis)}
      AND l.order_id = page.order_id AND l.happened_on = page.happened_on
    GROUP BY {_KEY}
) back ON true
JOIN orders o ON {f.of_store("o")} AND o.order_id = back.order_id
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(' · ', title, variant_title) || CASE WHEN units > 1 THEN ' × ' || units ELSE '' END,
                      ', ' ORDER BY title, variant_title) AS items
    FROM (
        SELECT i.title, i.variant_title, sum(-s.quantity) AS units
        FROM sales s
        JOIN line_items i ON {f.of_store("i")} AND i.order_id = s.order_id AND i.line_item_id = s.line_item_id
        WHERE {f.SALES_OF_STORE} AND s.order_id = back.order_id AND s.business_date = back.happened_on
          AND s.line_type = 'product' AND s.action = 'return'
        GROUP BY i.title, i.variant_title
    ) items
) goods ON true
{_order(sort, "back")}
"""


def _count_statement(basis: Basis, is_searched: bool) -> str:
    """Count the rows; no order is looked up."""
    return f"SELECT count(*) FROM ({_groups(basis, is_searched)}) found"
