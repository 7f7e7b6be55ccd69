"""How healthy is the data? Each day as it compares with Shopify's own count, and how changes came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.database.models import DayState as DayState
from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Counted:
    """One day as stored: orders placed, in any currency and test orders too, and its total sales in the scope's
    currency (test orders left out). `foreign` is how many orders of other currencies sold or gave back something."""

    orders: int = 0
    total_sales: Decimal = Decimal(0)
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order of a day's difference.

    `what` says what was repaired: it was missing here, was changed, moved to another day, is gone at Shopify, or had
    wrong rows here (rewritten). Or why the day still differs: the order is not listed at Shopify; or it is, but is
    unreadable (for the `reason` given), deleted (Shopify told so), taken for deleted (Shopify had none when asked for
    it), or not fetched (it has none now).
    """

    order_id: int
    name: str
    what: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day as last compared. What Shopify did not say is None;
    `reason` says why a day could not be compared, or its totals not: then both are None. Totals are in `currency`."""

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
    """Changes of orders by how they were first heard of."""

    by_webhook: int = 0
    by_polling: int = 0

    @property
    def webhook_share(self) -> Decimal | None:
        """A fraction; None where nothing changed."""
        every = self.by_webhook + self.by_polling
        return Decimal(self.by_webhook) / every if every else None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is left out, because it lacks what is needed: its kind (order, customer, product, checkout,
    inventory item), its id (0 where it lacks even that), what is wrong with it, and how many there are of which this
    is one."""

    kind: str
    shopify_id: int
    reason: str
    seen_at: datetime
    every: int


@dataclass(frozen=True, slots=True)
class UnknownSale:
    """An order with sales of an unknown kind, and the number of such orders. These sales and their taxes are in no
    figure; `amount` is their sum with tax, in `currency`."""

    order_id: int
    name: str
    amount: Decimal
    currency: str
    every: int


# As the orders are counted at Shopify: by the day they were placed, test orders too.
_COUNTED = f"""
SELECT day, coalesce(o.orders, 0) AS orders, coalesce(s.total_sales, 0) AS total_sales,
       coalesce(f.orders, 0) AS foreign_orders
FROM (
    SELECT o.business_date AS day, count(*) AS orders
    FROM orders o
    WHERE o.tenant_id = :tenant_id AND o.store_id = :store_id AND o.deleted_at IS NULL
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

DAYS = """
SELECT day, state, ours, theirs, our_total, their_total, currency, orders, checked_at, repaired_at, reason
FROM day_checks
WHERE tenant_id = :tenant_id AND store_id = :store_id AND day BETWEEN :start AND :end
ORDER BY day
"""
"""The days that were compared, a row a day."""


def counted(session: Session, scope: Scope, period: Period) -> Mapping[date, Counted]:
    """What is here of each day of the period; a day without anything is left out."""
    rows = session.execute(text(_COUNTED), scope.within(period)).mappings()
    return {row["day"]: Counted(row["orders"], row["total_sales"], row["foreign_orders"]) for row in rows}


def days(session: Session, scope: Scope, period: Period) -> tuple[Day, ...]:
    """The days of the period that were compared, in their order."""
    rows = session.execute(text(DAYS), scope.within(period)).mappings()
    return tuple(_day(row) for row in rows)


def arrivals(session: Session, scope: Scope, period: Period) -> Arrivals:
    """Changes of the period by how they were first heard of, as far back as that was counted."""
    query = """
        SELECT source, sum(changes)::bigint AS changes FROM arrivals
        WHERE tenant_id = :tenant_id AND store_id = :store_id AND day BETWEEN :start AND :end
        GROUP BY source"""
    found = {row["source"]: row["changes"] for row in session.execute(text(query), scope.within(period)).mappings()}
    return Arrivals(found.get("webhook", 0), found.get("api", 0))


def unreadable(session: Session, scope: Scope, limit: int) -> tuple[Unreadable, ...]:
    """The records of the store that could not be read when they were last met, the latest first; `limit` at most."""
    query = """
        SELECT kind, shopify_id, reason, seen_at, count(*) OVER () AS every FROM unreadable_records
        WHERE tenant_id = :tenant_id AND store_id = :store_id
        ORDER BY seen_at DESC, kind, shopify_id LIMIT :limit"""
    rows = session.execute(text(query), {**scope.parameters, "limit": limit}).mappings()
    return tuple(Unreadable(**row) for row in rows)


def unknown_sales(session: Session, scope: Scope, limit: int) -> tuple[UnknownSale, ...]:
    """The orders of the store with sales of an unknown kind, the latest first; `limit` at most."""
    query = f"""
        SELECT o.order_id, o.name, s.amount, o.currency, count(*) OVER () AS every
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
    orders = tuple(NamedOrder(**order) for order in row["orders"])
    return Day(**{**row, "state": DayState(row["state"]), "orders": orders})
