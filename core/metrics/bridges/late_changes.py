"""Which rows came, went or changed since an instant? Their differences add up to the figures', to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period, local_day
from core.metrics import formulas as f
from core.metrics.bridges.changed_rows import CHANGED_SALES, went
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class ChangeKind(StrEnum):
    """Why a row came, went or changed."""

    ADDED = "added"
    """Its order was not known."""
    IMPORTED = "imported"
    """Its order was not known, and a file brought it."""
    REMOVED = "removed"
    """Its order was deleted, or became a test."""
    MOVED = "moved"
    """The same amount is on another day now."""
    CURRENCY = "currency"
    """The same goods are in another currency now."""
    REFUND = "refund"
    """A refund or return of the period that was not known."""
    EDIT = "edit"
    """An edit of the period that was not known."""
    CORRECTED = "corrected"
    """Shopify's later answer has another amount."""


class LateChangeKey(StrEnum):
    """What the list can be sorted by; `SIZE` is the difference of net sales without its sign."""

    SIZE = "size"
    CHANGE = "change"
    TOTAL = "total"
    NAME = "name"
    DAY = "day"
    CHANGED = "changed"


LARGEST_FIRST = Sort(LateChangeKey.SIZE, is_descending=True)


@dataclass(frozen=True, slots=True)
class LateChange:
    """What one line of an order added to a day of the period, then and now.

    `line_type` is as in the ledger; `title` is the goods' name. `changed_at` is when it was last changed.
    """

    order_id: int
    name: str | None
    business_date: date
    kind: ChangeKind
    line_type: str
    title: str | None
    changed_at: datetime
    then: Decimal
    now: Decimal
    change: Decimal
    """Of net sales."""
    total_change: Decimal
    """Of total sales."""


@dataclass(frozen=True, slots=True)
class KindOfChange:
    """What all changes of a kind come to."""

    kind: ChangeKind
    rows: int
    orders: int
    change: Decimal
    total_change: Decimal


@dataclass(frozen=True, slots=True)
class ChangedDays:
    """What the changes of all days that were over at an instant come to, and the first and last of these days.

    `change` is of net sales, in the currency of the figures.
    """

    rows: int
    change: Decimal
    first: date
    last: date


def changed_days(session: Session, scope: Scope, zone: ZoneInfo, at: datetime) -> ChangedDays | None:
    """Sum up what changed since `at` on the days that were over then; None if nothing did.

    Of the time before changes were kept, nothing is known: see `known_figures.kept_since`.
    """
    last = local_day(at, zone) - timedelta(days=1)
    over = Period(last - _MOST_DAYS, last, zone)
    row = session.execute(_CHANGED_DAYS, {**scope.within(over), "at": at}).mappings().one()
    return ChangedDays(**row) if row["rows"] else None


def late_changes(
    session: Session,
    scope: Scope,
    period: Period,
    at: datetime,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[LateChangeKey] = LARGEST_FIRST,
) -> tuple[LateChange, ...]:
    """List the lines of orders whose money changed since `at`."""
    parameters = {**scope.within(period), "at": at, "limit": limit, "offset": offset}
    rows = session.execute(text(late_changes_statement(sort)), parameters).mappings()
    return tuple(LateChange(**row | {"kind": ChangeKind(row["kind"])}) for row in map(dict, rows))


def kinds_of_change(session: Session, scope: Scope, period: Period, at: datetime) -> tuple[KindOfChange, ...]:
    """Sum up the changes by kind, the largest first."""
    rows = session.execute(_KINDS, {**scope.within(period), "at": at}).mappings()
    return tuple(KindOfChange(**row | {"kind": ChangeKind(row["kind"])}) for row in map(dict, rows))


_SORTED = {
    LateChangeKey.SIZE: "abs(change) {}, abs(total_change) {}",
    LateChangeKey.CHANGE: "change {}",
    LateChangeKey.TOTAL: "total_change {}",
    LateChangeKey.NAME: f"{nullable('number')}, {by_text('name')}",
    LateChangeKey.DAY: "business_date {}",
    LateChangeKey.CHANGED: "changed_at {}",
}

_NET = "CASE WHEN line_type IN ('product', 'adjustment') THEN {0}.net ELSE 0 END"
_TOTAL = (
    "CASE WHEN line_type IN ('product', 'shipping', 'duty', 'fee', 'adjustment') THEN {0}.net + {0}.tax ELSE 0 END"
)
_CONTENT = "order_id, business_date, reason, action, line_type, quantity, net, discount, tax"
_LINE = "order_id, business_date, line_type, line_item_id, is_return"
_OF_ORDER = f"{f.of_store('x')} AND x.order_id = lines.order_id"
_SAME_GOODS = """x.line_type = lines.line_type AND x.line_item_id IS NOT DISTINCT FROM lines.line_item_id
                AND (x.action = 'return') = lines.is_return"""
_ELSEWHERE = f"""
            SELECT 1 FROM sales x
            WHERE {_OF_ORDER} AND x.known_at > :at AND NOT lines.has_come AND {_SAME_GOODS} AND {{0}}
            UNION ALL
            SELECT 1 FROM former_sales x
            WHERE {_OF_ORDER} AND {went("x")} AND NOT lines.has_gone AND {_SAME_GOODS} AND {{0}}"""
_KIND = f"""CASE
        WHEN NOT o.is_counted THEN 'removed'
        WHEN o.is_new THEN CASE WHEN o.source = 'csv' THEN 'imported' ELSE 'added' END
        WHEN has_come AND has_gone THEN 'corrected'
        WHEN EXISTS ({_ELSEWHERE.format("x.currency <> lines.currency")}) THEN 'currency'
        WHEN EXISTS ({_ELSEWHERE.format("x.net = lines.net AND x.business_date <> lines.business_date")}) THEN 'moved'
        WHEN has_come AND is_return THEN 'refund'
        WHEN has_come AND reason = 'order_edit' THEN 'edit'
        ELSE 'corrected' END"""

_CHANGES = f"""
    WITH changed AS MATERIALIZED ({CHANGED_SALES}
    ), residual AS (
        SELECT {_CONTENT}, sum(sign) AS number, max(changed_at) AS changed_at, max(currency) AS currency,
               max(line_item_id) AS line_item_id, max(product_id) AS product_id
        FROM changed GROUP BY {_CONTENT} HAVING sum(sign) <> 0
    ), valued AS (
        SELECT residual.*, action = 'return' AS is_return,
               {_NET.format("residual")} AS net_sales, {_TOTAL.format("residual")} AS total_sales
        FROM residual
    ), lines AS (
        SELECT {_LINE}, max(product_id) AS product_id, max(changed_at) AS changed_at, max(currency) AS currency,
               max(reason) AS reason, max(net) AS net,
               bool_or(number > 0) AS has_come, bool_or(number < 0) AS has_gone,
               coalesce(sum(-number * net_sales) FILTER (WHERE number < 0), 0) AS "then",
               coalesce(sum(number * net_sales) FILTER (WHERE number > 0), 0) AS now,
               sum(number * net_sales) AS change, sum(number * total_sales) AS total_change
        FROM valued GROUP BY {_LINE}
        HAVING sum(number * net_sales) <> 0 OR sum(number * total_sales) <> 0
    ), classified AS (
        SELECT lines.*, o.name, o.number, {_KIND} AS kind
        FROM lines
        LEFT JOIN LATERAL (
            SELECT x.name, x.number, x.source, NOT x.test AND x.deleted_at IS NULL AS is_counted,
                   x.known_at > :at AND NOT EXISTS (
                       SELECT FROM former_orders k
                       WHERE {f.of_store("k")} AND k.order_id = x.order_id AND {went("k")}) AS is_new
            FROM orders x WHERE {_OF_ORDER}
        ) o ON true
    )"""
"""The changed lines: equal rows that came and went cancel out, and the rest is summed by line of an order."""

_KINDS = text(f"""{_CHANGES}
SELECT kind, count(*) AS rows, count(DISTINCT order_id) AS orders, sum(change) AS change,
       sum(total_change) AS total_change
FROM classified GROUP BY kind ORDER BY abs(sum(change)) DESC, abs(sum(total_change)) DESC, kind
""")

_MOST_DAYS = timedelta(days=3650)
"""A period has at most ten years."""
_CHANGED_DAYS = text(f"""{_CHANGES}
SELECT count(*) AS rows, sum(change) AS change, min(business_date) AS first, max(business_date) AS last
FROM classified
""")


def late_changes_statement(sort: Sort[LateChangeKey] = LARGEST_FIRST) -> str:
    """The SQL of `late_changes`."""
    order = order_by(_SORTED, sort, "changed_at DESC, order_id, business_date, line_type, line_item_id, is_return")
    return f"""{_CHANGES}
SELECT order_id, name, business_date, kind, line_type,
       coalesce((SELECT p.title FROM products p WHERE {f.of_store("p")} AND p.product_id = classified.product_id),
                (SELECT l.title FROM line_items l WHERE {f.of_store("l")} AND l.order_id = classified.order_id
                 AND l.line_item_id = classified.line_item_id)) AS title,
       changed_at, "then", now, change, total_change
FROM classified {order} LIMIT :limit OFFSET :offset
"""
