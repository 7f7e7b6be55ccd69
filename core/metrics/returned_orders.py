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
from core.metrics.later_sales import LATER, Basis, of_period
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
    rows = session.execute(text(returned_orders_statement(basis, sort)), parameters)
    return tuple(ReturnedOrder(**row) for row in rows.mappings())


def count_returned_orders(session: Session, scope: Scope, period: Period, basis: Basis, search: str = "") -> int:
    """Count the `returned_orders` there are without a limit."""
    statement = text(f"SELECT count(*) FROM ({_found(basis)}) found")
    return session.execute(statement, _narrowed(scope, period, search)).scalar_one()


def searches(typed: str) -> dict[str, str]:
    """Make the parameters of a typed search."""
    return {"search": f.prefix(typed.strip().removeprefix("#")), "contained": f.containing(typed)}


def _narrowed(scope: Scope, period: Period, search: str) -> dict[str, object]:
    return {**scope.within(period), **searches(search)}


def _found(basis: Basis) -> str:
    return f"""
    SELECT back.*, o.name, o.number FROM (
        SELECT l.order_id, l.happened_on, max(l.happened_at) AS returned_at, min(l.placed_at) AS placed_at,
               sum(l.units_returned)::bigint AS units_returned, sum(l.returned) AS returns,
               sum(l.refunded) AS refunded, string_agg(DISTINCT l.reason, '; ') AS reason, l.currency
        FROM {LATER} l WHERE l.kind <> 'added' AND {of_period(basis)}
        GROUP BY l.happened_on, l.order_id, l.currency
    ) back
    JOIN orders o ON {f.of_store("o")} AND o.order_id = back.order_id
    WHERE :contained = '%' OR ltrim(lower(o.name), '#') LIKE :search OR lower(back.reason) LIKE :contained"""


_SORTED = {
    ReturnKey.RETURNED: "happened_on {}, returned_at {}",
    ReturnKey.PLACED: "placed_at {}",
    ReturnKey.NAME: f"{nullable('number')}, {by_text('name')}",
    ReturnKey.RETURNS: "returns {}",
    ReturnKey.REFUNDED: "refunded {}",
    ReturnKey.UNITS: "units_returned {}",
    ReturnKey.REASON: by_text("reason"),
}
_NEWEST = "happened_on DESC, returned_at DESC, order_id DESC"


def returned_orders_statement(basis: Basis, sort: Sort[ReturnKey] = NEWEST_FIRST) -> str:
    """The SQL of `returned_orders`. Items are looked up for the rows of the page only."""
    order = order_by(_SORTED, sort, _NEWEST)
    return f"""
SELECT found.order_id, name, returned_at, placed_at, goods.items, units_returned, returns, refunded, reason, currency
FROM (SELECT * FROM ({_found(basis)}) found {order} LIMIT :limit OFFSET :offset) found
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
