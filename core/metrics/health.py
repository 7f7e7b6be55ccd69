"""How healthy is the data? Each day compared with Shopify's own count, and the sources of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database.models import DayState as DayState
from core.domain.finding import Finding
from core.domain.periods import Period
from core.domain.source import Source
from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day as stored here.

    `orders` counts the orders placed, in any currency and with test orders, as Shopify does. `total_sales` is in the
    scope's currency, without test orders. `foreign` counts the orders in other currencies that have sales on the day.
    """

    orders: int = 0
    total_sales: Decimal = Decimal(0)
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order that made a day differ: how it was repaired, or why the day still differs.

    `reason` is set for unreadable orders only.
    """

    order_id: int
    name: str
    what: Finding
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day as last compared.

    `theirs` is None if Shopify gave no count. `reason` is why the day, or only its totals, could not be compared;
    both totals are None then. Totals are in `currency`.
    """

    day: date
    state: DayState
    ours: int
    theirs: int | None
    our_total: Decimal | None
    their_total: Decimal | None
    currency: str
    orders: tuple[NamedOrder, ...]
    checked_at: datetime
    repaired_at: datetime | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Changes of orders, counted by the source that reported each first."""

    by_webhook: int = 0
    by_polling: int = 0

    @property
    def webhook_share(self) -> Decimal | None:
        """A fraction; None without changes."""
        return ratio(self.by_webhook, self.by_webhook + self.by_polling)


@dataclass(frozen=True, slots=True)
class Audit:
    """The last comparison of the kept sums with the orders: `differing` sums were repaired."""

    audited_at: datetime
    differing: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not stored, because it lacks a needed field.

    `kind` is order, customer, product, checkout or inventory item; `shopify_id` is 0 if the id is missing, too.
    `total` is the number of the store's unreadable records.
    """

    kind: str
    shopify_id: int
    reason: str
    seen_at: datetime
    total: int


@dataclass(frozen=True, slots=True)
class UnknownSale:
    """An order with sales of an unknown kind; `total` is the number of such orders.

    No figure includes these sales and their taxes; `amount` is their sum with tax, in `currency`.
    """

    order_id: int
    name: str
    amount: Decimal
    currency: str
    total: int


# Counts orders as Shopify does: by the day they were placed, with test orders.
_DAY_FIGURES = f"""
SELECT day, coalesce(o.orders, 0) AS orders, coalesce(s.total_sales, 0) AS total_sales,
       coalesce(f.orders, 0) AS foreign_orders
FROM (
    SELECT o.business_date AS day, count(*) AS orders
    FROM orders o
    WHERE {f.of_store("o")} AND o.deleted_at IS NULL
      AND o.business_date BETWEEN :start AND :end
    GROUP BY day
) o
FULL JOIN (
    SELECT s.business_date AS day, {f.TOTAL_SALES} AS total_sales
    FROM sales s
    WHERE {f.SALES_IN_PERIOD}
    GROUP BY day
) s USING (day)
FULL JOIN (
    SELECT s.business_date AS day, count(DISTINCT s.order_id) AS orders
    FROM sales s
    WHERE {f.SALES_OF_PERIOD} AND s.currency <> {f.CURRENCY}
    GROUP BY day
) f USING (day)
"""

DAYS = f"""
SELECT day, state, ours, theirs, our_total, their_total, currency, orders, checked_at, repaired_at, reason
FROM day_checks
WHERE {f.of_store()} AND day BETWEEN :start AND :end
ORDER BY day
"""
"""The compared days, a row a day."""


def day_figures(session: Session, scope: Scope, period: Period) -> Mapping[date, DayFigures]:
    """Count the stored orders and sales of each day of the period; a day without any has no entry."""
    rows = session.execute(text(_DAY_FIGURES), scope.within(period)).mappings()
    return {row["day"]: DayFigures(row["orders"], row["total_sales"], row["foreign_orders"]) for row in rows}


def days(session: Session, scope: Scope, period: Period) -> tuple[Day, ...]:
    """List the compared days of the period, in their order."""
    rows = session.execute(text(DAYS), scope.within(period)).mappings()
    return tuple(_day(row) for row in rows)


def count_faulty_outside(session: Session, scope: Scope, period: Period) -> int:
    """Count the days before and after the period that differ from Shopify or could not be compared."""
    query = f"""
        SELECT count(*) FROM day_checks
        WHERE {f.of_store()} AND state IN ('differs', 'uncompared') AND day NOT BETWEEN :start AND :end"""
    return session.execute(text(query), scope.within(period)).scalar_one()


def arrivals(session: Session, scope: Scope, period: Period) -> Arrivals:
    """Count the changes of the period by the source that reported each first; older days were not counted."""
    query = f"""
        SELECT source, sum(changes)::bigint AS changes FROM arrivals
        WHERE {f.of_store()} AND day BETWEEN :start AND :end
        GROUP BY source"""
    rows = session.execute(text(query), scope.within(period)).mappings()
    changes = {Source(row["source"]): row["changes"] for row in rows}
    return Arrivals(by_webhook=changes.get(Source.WEBHOOK, 0), by_polling=changes.get(Source.API, 0))


def last_audit(session: Session, scope: Scope) -> Audit | None:
    """Ask for the last audit of the store's sums; None before the first night."""
    row = session.execute(_LAST_AUDIT, scope.store.parameters).mappings().one_or_none()
    return Audit(**row) if row else None


def unreadable(session: Session, scope: Scope, limit: int) -> tuple[Unreadable, ...]:
    """List the store's unreadable records, the latest first; `limit` at most."""
    query = f"""
        SELECT kind, shopify_id, reason, seen_at, count(*) OVER () AS total FROM unreadable_records
        WHERE {f.of_store()}
        ORDER BY seen_at DESC, kind, shopify_id LIMIT :limit"""
    rows = session.execute(text(query), {**scope.parameters, "limit": limit}).mappings()
    return tuple(Unreadable(**row) for row in rows)


def unknown_sales(session: Session, scope: Scope, limit: int) -> tuple[UnknownSale, ...]:
    """List the store's orders with sales of an unknown kind, the latest first; `limit` at most."""
    query = f"""
        SELECT o.order_id, o.name, s.amount, o.currency, count(*) OVER () AS total
        FROM (
            SELECT s.order_id, sum(s.net + s.tax) AS amount FROM sales s
            WHERE {f.SALES_OF_STORE} AND s.line_type = 'unknown'
            GROUP BY s.order_id
        ) s
        JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = s.order_id
        ORDER BY o.processed_at DESC, o.order_id DESC LIMIT :limit"""
    rows = session.execute(text(query), {**scope.parameters, "limit": limit}).mappings()
    return tuple(UnknownSale(**row) for row in rows)


def _day(row: Mapping[Any, Any]) -> Day:
    orders = tuple(NamedOrder(**{**order, "what": Finding(order["what"])}) for order in row["orders"])
    return Day(**{**row, "state": DayState(row["state"]), "orders": orders})


_LAST_AUDIT = text(f"SELECT a.audited_at, a.differing FROM rollup_audits a WHERE {f.of_store('a')}")
