"""When do customers buy? The period's orders and net sales by weekday and hour of the store's clock.

Sums are kept by quarter of an hour; only a day that is not over is read from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class WeekHour:
    """The sums of one hour of one weekday: 1 is Monday, 7 Sunday; the hour is 0 to 23."""

    weekday: int
    hour: int
    orders: int
    net_sales: Decimal


def week_hours(session: Session, scope: Scope, period: Period) -> tuple[WeekHour, ...]:
    """List the hours of the week with orders or sales in the period."""
    rows = session.execute(text(WEEK_HOURS), scope.within(period)).mappings()
    return tuple(WeekHour(**row) for row in rows)


def _hour(instant: str) -> str:
    return f"CAST(extract(hour FROM {instant} AT TIME ZONE {f.ZONE}) AS int)"


# The weekday is that of the stored day: with another time zone in the past, it is the day that reports count.
WEEK_HOURS = f"""
SELECT CAST(extract(isodow FROM day) AS int) AS weekday, hour,
       CAST(sum(orders) AS bigint) AS orders, sum(net_sales) AS net_sales
FROM (
    SELECT t.business_date AS day, {_hour("t.starts_at")} AS hour, t.orders, t.net_sales
    FROM sales_by_time t
    WHERE {f.of_store("t")} AND t.currency = {f.CURRENCY}
      AND t.business_date BETWEEN :start AND {f.last_whole_day()}
    UNION ALL
    SELECT s.business_date, {_hour("s.happened_at")}, 0, {f.NET_SALES}
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND s.business_date > {f.last_whole_day()}
    GROUP BY 1, 2
    UNION ALL
    SELECT o.business_date, {_hour("o.processed_at")}, count(*), 0
    FROM orders o WHERE {f.ORDERS_IN_PERIOD} AND o.business_date > {f.last_whole_day()}
    GROUP BY 1, 2
) summed
GROUP BY 1, 2
HAVING sum(orders) <> 0 OR sum(net_sales) <> 0
ORDER BY 1, 2
"""
