"""Count the orders that no figure includes because of their currency, by currency."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Orders in another currency that were placed, changed or refunded in the period: none of its figures counts
    them."""

    currency: str
    orders: int


# Most stores have one currency: the kept sums show it at once, and no order is read.
_LEFT_OUT = text(f"""
WITH days AS MATERIALIZED (
    SELECT DISTINCT d.business_date FROM sales_by_day d
    WHERE {f.of_store("d")} AND d.business_date BETWEEN :start AND :end AND d.currency <> {f.CURRENCY}
)
SELECT currency, count(*) AS orders
FROM (
    SELECT o.currency, o.order_id FROM days JOIN orders o USING (business_date)
    WHERE {f.ORDERS_OF_PERIOD} AND o.currency <> {f.CURRENCY}
    UNION
    SELECT s.currency, s.order_id FROM days JOIN sales s USING (business_date)
    WHERE {f.SALES_OF_PERIOD} AND s.currency <> {f.CURRENCY}
) other_orders
GROUP BY currency
ORDER BY orders DESC, currency
""")


def left_out(session: Session, scope: Scope, period: Period) -> tuple[LeftOut, ...]:
    """Count the period's orders in other currencies than the scope's, most orders first; empty for most stores."""
    rows = session.execute(_LEFT_OUT, scope.within(period)).mappings()
    return tuple(LeftOut(**row) for row in rows)
