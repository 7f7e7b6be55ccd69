"""What happened between a store and one customer: orders, edits, returns, refunds, cancellations; and by month.

Amounts are signed as they change net sales; a refund's is the money paid back. An order in another currency keeps its
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope


class EventKind(StrEnum):
    """What happened."""

    ORDER = "order"
    EDIT = "edit"
    RETURN = "return"
    REFUND = "refund"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a customer's order. `amount` is None for a cancellation: its reversal is a return."""

    kind: EventKind
    happened_at: datetime
    order_id: int
    order_name: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class MonthSales:
    """A customer's orders placed in a month, and the net sales dated in it; `month` is its first day."""

    month: date
    orders: int
    net_sales: Decimal


def timeline(session: Session, scope: Scope, customer_key: str, limit: int) -> tuple[Event, ...]:
    """List the `limit` latest events of a customer's orders of any currency, the latest first."""
    parameters = {**scope.parameters, "customer_key": customer_key, "limit": limit}
    rows = session.execute(text(EVENTS), parameters).mappings()
    return tuple(Event(**{**row, "kind": EventKind(row["kind"])}) for row in rows)


def months(session: Session, scope: Scope, customer_key: str) -> tuple[MonthSales, ...]:
    """List the months in which a customer ordered or returned something, in the scope's currency."""
    rows = session.execute(text(MONTHS), {**scope.parameters, "customer_key": customer_key}).mappings()
    return tuple(MonthSales(**row) for row in rows)


_BOUGHT = f"SELECT * FROM orders o WHERE {f.ORDERS_OF_STORE} AND o.customer_key = :customer_key"

EVENTS = f"""
WITH bought AS ({_BOUGHT})
SELECT kind, happened_at, order_id, order_name, amount, currency
FROM (
    SELECT 1 AS step, 'order' AS kind, o.processed_at AS happened_at, o.order_id, o.name AS order_name,
           o.total AS amount, o.currency
    FROM bought o
    UNION ALL
    SELECT 2, CASE s.reason WHEN 'order_edit' THEN 'edit' ELSE 'return' END, s.happened_at, o.order_id, o.name,
           {f.NET_SALES}, s.currency
    FROM bought o JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id
    WHERE s.reason <> 'order'
    GROUP BY o.order_id, o.name, s.reason, s.happened_at, s.currency
    HAVING {f.NET_SALES} <> 0
    UNION ALL
    SELECT 3, 'refund', r.processed_at, o.order_id, o.name, -r.refunded, r.currency
    FROM bought o JOIN refunds r ON {f.of_store("r")} AND r.order_id = o.order_id
    WHERE r.refunded <> 0
    UNION ALL
    SELECT 4, 'cancellation', o.cancelled_at, o.order_id, o.name, NULL, o.currency
    FROM bought o WHERE o.cancelled_at IS NOT NULL
) events
ORDER BY happened_at DESC, order_id DESC, step DESC
LIMIT :limit
"""
"""The SQL of `timeline`, for a file too."""

MONTHS = f"""
WITH bought AS ({_BOUGHT} AND o.currency = {f.CURRENCY})
SELECT month, CAST(sum(orders) AS int) AS orders, sum(net_sales) AS net_sales
FROM (
    SELECT CAST(date_trunc('month', o.business_date) AS date) AS month, 1 AS orders, 0 AS net_sales FROM bought o
    UNION ALL
    SELECT CAST(date_trunc('month', s.business_date) AS date), 0, {f.NET_SALES}
    FROM bought o
    JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.currency = {f.CURRENCY}
    GROUP BY 1
) dated
GROUP BY month
ORDER BY month
"""
"""The SQL of `months`, for a file too."""
