"""Which orders are behind a term of a split? Each with its part of net sales in both periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.bridges.split_rows import Split, in_both
from core.metrics.bridges.splits import both
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class SplitOrderKey(StrEnum):
    """What the list can be sorted by; `SIZE` is the change without its sign."""

    SIZE = "size"
    CHANGE = "change"
    NAME = "name"
    PLACED = "placed"
    CURRENT = "current"
    EARLIER = "earlier"


LARGEST_FIRST = Sort(SplitOrderKey.SIZE, is_descending=True)


@dataclass(frozen=True, slots=True)
class SplitOrder:
    """An order and its part of the term, in the currency of the figures: in the period, before, and the change."""

    order_id: int
    name: str
    placed_at: datetime
    current: Decimal
    earlier: Decimal
    change: Decimal


def split_orders(
    session: Session,
    scope: Scope,
    period: Period,
    compared: Period,
    split: Split,
    key: str | None,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[SplitOrderKey] = LARGEST_FIRST,
) -> tuple[SplitOrder, ...]:
    """List the orders of the term `key`; their changes add up to the term's."""
    parameters = {**both(scope, period, compared), "key": key, "limit": limit, "offset": offset}
    rows = session.execute(text(split_orders_statement(split, sort)), parameters).mappings()
    return tuple(SplitOrder(**row) for row in rows)


def count_split_orders(
    session: Session, scope: Scope, period: Period, compared: Period, split: Split, key: str | None
) -> int:
    """Count the `split_orders` there are without a limit."""
    statement = text(f"SELECT count(*) FROM ({_orders(split)}) found")
    return session.execute(statement, {**both(scope, period, compared), "key": key}).scalar_one()


_SORTED = {
    SplitOrderKey.SIZE: "abs(change) {}",
    SplitOrderKey.CHANGE: "change {}",
    SplitOrderKey.NAME: f"{nullable('number')}, {by_text('name')}",
    SplitOrderKey.PLACED: "placed_at {}",
    SplitOrderKey.CURRENT: "current {}",
    SplitOrderKey.EARLIER: "earlier {}",
}


def split_orders_statement(split: Split, sort: Sort[SplitOrderKey] = LARGEST_FIRST) -> str:
    """The SQL of `split_orders`. Only a sort by a property of the order joins orders that are not on the page."""
    order = order_by(_SORTED, sort, "order_id DESC")
    page = f"{order} LIMIT :limit OFFSET :offset"
    is_by_order = sort.key in (SplitOrderKey.NAME, SplitOrderKey.PLACED)
    return f"""
SELECT order_id, name, placed_at, current, earlier, change
FROM (
    SELECT changes.*, o.name, o.number, o.processed_at AS placed_at
    FROM (SELECT * FROM ({_orders(split)}) found {"" if is_by_order else page}) changes
    JOIN orders o ON {f.of_store("o")} AND o.order_id = changes.order_id
) listed
{page if is_by_order else order}
"""


def _orders(split: Split) -> str:
    return f"""
    SELECT order_id, sum(current) AS current, sum(earlier) AS earlier, sum(current) - sum(earlier) AS change
    FROM ({in_both(split)}) rows
    WHERE key IS NOT DISTINCT FROM CAST(:key AS text)
    GROUP BY order_id
    HAVING sum(current) <> 0 OR sum(earlier) <> 0"""
