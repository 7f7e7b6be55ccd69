"""Which orders are behind a term of a split? Each with its part of net sales in both periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.bridges.largest_orders import Above, is_indexed, largest_orders, unmoved_orders
from core.metrics.bridges.split_rows import Split, both_periods, in_both, later_amounts
from core.metrics.bridges.splits import both
from core.metrics.scope import Scope
from core.metrics.searching import MOST_COUNTED
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
WALKED = 6_000, 50_000
"""Orders of each period that are compared with a term, largest first, before all are added up."""


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
    walked: Sequence[int] = WALKED,
) -> tuple[SplitOrder, ...]:
    """List the orders of the term `key`; their changes add up to the term's."""
    parameters = {**both(scope, period, compared), "key": key, "limit": limit, "offset": offset}
    if limit is not None and sort in _INDEXED and is_indexed(split, key) and not _meet(period, compared):
        found = _largest(session, split, sort, parameters, limit, offset, walked)
        if found is not None:
            return found
    rows = session.execute(text(_statement(_orders(_rows(split, key)), sort)), parameters).mappings()
    return tuple(SplitOrder(**row) for row in rows)


def count_split_orders(
    session: Session, scope: Scope, period: Period, compared: Period, split: Split, key: str | None
) -> int:
    """Count the `split_orders` there are without a limit, up to `MOST_COUNTED` and one more."""
    parameters = {**both(scope, period, compared), "key": key, "most": MOST_COUNTED + 1}
    if is_indexed(split, key) and not _meet(period, compared):
        unmoved = text(f"SELECT count(*) FROM ({unmoved_orders(split)}) found")
        for number in WALKED:
            count: int = session.execute(unmoved, parameters | {"walked": number}).scalar_one()
            if count > MOST_COUNTED:
                return count
            if count < number // 10:  # Of a rare term, all orders are added up in less time.
                break
    statement = text(f"SELECT least(count(*), :most) FROM ({_orders(_rows(split, key))}) found")
    return session.execute(statement, parameters).scalar_one()


def _meet(period: Period, compared: Period) -> bool:
    return period.start <= compared.end and compared.start <= period.end


def _largest(
    session: Session,
    split: Split,
    sort: Sort[SplitOrderKey],
    parameters: dict[str, object],
    limit: int,
    offset: int,
    walked: Sequence[int],
) -> tuple[SplitOrder, ...] | None:
    """List the orders through the index of net sales; None where so many orders were not enough."""
    above, size = _INDEXED[sort]
    statement = text(_statement(largest_orders(split, above), sort, "is_cut"))
    for number in walked:
        given = parameters | {"most": limit + offset, "walked": max(number, limit + offset)}
        rows = session.execute(statement, given).mappings().all()
        found = tuple(SplitOrder(**{name: row[name] for name in _NAMES}) for row in rows)
        if any(row["is_cut"] for row in rows) or not found:
            continue
        if sort.key is SplitOrderKey.SIZE or (len(found) == limit and size(found[-1]) > 0):
            return found
        return None
    return None


_SORTED = {
    SplitOrderKey.SIZE: "abs(change) {}",
    SplitOrderKey.CHANGE: "change {}",
    SplitOrderKey.NAME: f"{nullable('number')}, {by_text('name')}",
    SplitOrderKey.PLACED: "placed_at {}",
    SplitOrderKey.CURRENT: "current {}",
    SplitOrderKey.EARLIER: "earlier {}",
}


_INDEXED: Mapping[Sort[SplitOrderKey], tuple[Above, Callable[[SplitOrder], Decimal]]] = {
    LARGEST_FIRST: (Above.EITHER, lambda order: abs(order.change)),
    Sort(SplitOrderKey.CHANGE, is_descending=True): (Above.CURRENT, lambda order: order.change),
    Sort(SplitOrderKey.CHANGE): (Above.EARLIER, lambda order: -order.change),
    Sort(SplitOrderKey.CURRENT, is_descending=True): (Above.CURRENT, lambda order: order.current),
    Sort(SplitOrderKey.EARLIER, is_descending=True): (Above.EARLIER, lambda order: order.earlier),
}
"""The sorts that begin with the largest orders of a period, by an amount: down to zero, the list is right."""


def split_orders_statement(split: Split, sort: Sort[SplitOrderKey] = LARGEST_FIRST) -> str:
    """The SQL of `split_orders` for a file."""
    return _statement(_orders(in_both(split)), sort)


def _statement(orders: str, sort: Sort[SplitOrderKey], *more: str) -> str:
    """Sort and page `orders`. Only a sort by a property of the order joins orders that are not on the page."""
    order = order_by(_SORTED, sort, "order_id DESC")
    page = f"{order} LIMIT :limit OFFSET :offset"
    is_by_order = sort.key in (SplitOrderKey.NAME, SplitOrderKey.PLACED)
    return f"""
SELECT {", ".join((*_NAMES, *more))}
FROM (
    SELECT changes.*, o.name, o.number, o.processed_at AS placed_at
    FROM (SELECT * FROM ({orders}) found {"" if is_by_order else page}) changes
    JOIN orders o ON {f.of_store("o")} AND o.order_id = changes.order_id
) listed
{page if is_by_order else order}
"""


_NAMES = tuple(one.name for one in fields(SplitOrder))


def _rows(split: Split, key: str | None) -> str:
    """The SQL of the amounts of the term's orders in both periods, and perhaps of others: see `in_both`."""
    this, other = later_amounts(split, key), later_amounts(split, key, "compared_")
    return in_both(split) if this is None or other is None else both_periods(this, other, "key, order_id")


def _orders(rows: str) -> str:
    return f"""
    SELECT order_id, sum(current) AS current, sum(earlier) AS earlier, sum(current) - sum(earlier) AS change
    FROM ({rows}) rows
    WHERE key IS NOT DISTINCT FROM CAST(:key AS text)
    GROUP BY order_id
    HAVING sum(current) <> 0 OR sum(earlier) <> 0"""
