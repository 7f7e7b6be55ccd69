"""How many new and returning customers did a period have, as its orders were known at an instant?

Which orders were known, on which day and in which currency, is exact. Who placed them is not kept: customers count
as they are identified today, so a merge or an erasure since then counts as if it had happened before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.bridges.changed_rows import changed_orders_until, went
from core.metrics.bridges.known_figures import kept_since
from core.metrics.customers.counts import customers_by_point
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class KnownCustomers:
    """The customers of a period; `definitions` and `overview.Headline` use the same names."""

    customers: int
    new_customers: int
    returning_customers: int


@dataclass(frozen=True, slots=True)
class CustomersSince:
    """The customers as their orders were known at an instant (`then`), and as they are now."""

    then: KnownCustomers
    now: KnownCustomers


def customers_since(session: Session, scope: Scope, period: Period, at: datetime) -> CustomersSince | None:
    """Compare a period's customers now with its customers by the orders known at `at`; None if changes since `at` are
    not kept. It reads single orders only of customers who have a changed order."""
    since = kept_since(session, scope)
    if since is None or at < since:
        return None
    parameters = {**scope.within(period), "at": at, "points": [period.instants[0]]}
    rows = {row["part"]: row for row in session.execute(_CUSTOMERS, parameters).mappings()}
    now = KnownCustomers(*(rows["whole"][name] for name in _NAMES))
    then = KnownCustomers(*(rows["whole"][name] + rows["then"][name] - rows["now"][name] for name in _NAMES))
    return CustomersSince(then, now)


_NAMES = ("customers", "new_customers", "returning_customers")


def _counted(orders: str) -> str:
    """Count the customers of these orders `h`, by the rules of `core.metrics.customers.counts`."""
    own, in_period = f"h.currency = {f.CURRENCY}", "h.business_date BETWEEN :start AND :end"
    return f"""
    SELECT count(*) AS customers, count(*) FILTER (WHERE is_new) AS new_customers,
           count(*) FILTER (WHERE NOT is_new OR orders > 1) AS returning_customers
    FROM (
        SELECT count(*) FILTER (WHERE {own}) AS orders, coalesce(
                   min(h.processed_at) FILTER (WHERE {own}) = min(h.processed_at)
                   AND (array_agg({in_period} ORDER BY h.processed_at, h.order_id) FILTER (WHERE {own}))[1], false
               ) AS is_new
        FROM ({orders}) h GROUP BY h.customer_key
        HAVING bool_or({own} AND {in_period})
    ) buyers"""


_PLACED = "o.order_id, o.customer_key, o.currency, o.processed_at, o.business_date"
_OF_CHANGED = "o.customer_key IN (SELECT customer_key FROM affected)"
_BY_THE_END = """x.business_date <= :end
              AND (CAST(:until AS timestamptz) IS NULL OR x.processed_at < :until)"""
_NOW = f"SELECT {_PLACED} FROM orders o WHERE {f.ORDERS_SO_FAR} AND {_OF_CHANGED}"
_THEN = f"""
        {_NOW} AND (o.known_at IS NULL OR o.known_at <= :at)
        UNION ALL
        SELECT x.order_id, o.customer_key, x.currency, x.processed_at, x.business_date
        FROM former_orders x
        JOIN orders o ON {f.of_store("o")} AND o.order_id = x.order_id
        WHERE {f.of_store("x")} AND {went("x")} AND {_BY_THE_END} AND {_OF_CHANGED}"""
_CUSTOMERS = text(f"""
WITH affected AS MATERIALIZED (
    SELECT DISTINCT o.customer_key
    FROM ({changed_orders_until()}) changed
    JOIN orders o ON {f.of_store("o")} AND o.order_id = changed.order_id
)
SELECT 'whole' AS part, coalesce(sum(customers), 0)::bigint AS customers,
       coalesce(sum(new_customers), 0)::bigint AS new_customers,
       coalesce(sum(returning_customers), 0)::bigint AS returning_customers
FROM ({customers_by_point()}) counted WHERE point IS NULL
UNION ALL
SELECT 'now', * FROM ({_counted(_NOW)}) now
UNION ALL
SELECT 'then', * FROM ({_counted(_THEN)}) known
""")
