"""When do customers buy? The period's orders and net sales by weekday and hour of the store's clock.

Sums are kept by span of days, and of each day by quarter of an hour; only a day that is not over is read from the
ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics import span_names
from core.metrics.money import sums
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
    return f"CAST(date_part('hour', {instant} AT TIME ZONE {f.ZONE}) AS int)"


def _weekday(day: str) -> str:
    """The weekday of the stored day: with another time zone in the past, it is the day that reports count."""
    return f"CAST(date_part('isodow', {day}) AS int)"


WEEKDAY, HOUR = _weekday("k.business_date"), _hour("k.starts_at")
"""The weekday and the hour of a kept quarter of an hour `k`."""
WEEK_HOURS = f"""
SELECT weekday, hour, CAST(sum(orders) AS bigint) AS orders, sum(net_sales) AS net_sales
FROM (
    SELECT k.weekday, k.hour, k.orders, k.net_sales FROM week_hour_spans k WHERE {sums.kept_spans()}
    UNION ALL
    SELECT {WEEKDAY}, {HOUR}, k.orders, k.net_sales FROM sales_by_time k
    WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date = ANY(ARRAY(
        SELECT CAST(day AS date)
        FROM generate_series(CAST(:start AS timestamp), CAST({f.last_whole_day()} AS timestamp), '1 day') AS day
        WHERE {span_names.third_of("day")} <> ALL({sums.whole_thirds()})))
    UNION ALL
    SELECT {_weekday("s.business_date")}, {_hour("s.happened_at")}, 0, {f.NET_SALES}
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND s.business_date > {f.last_whole_day()}
    GROUP BY 1, 2
    UNION ALL
    SELECT {_weekday("o.business_date")}, {_hour("o.processed_at")}, count(*), 0
    FROM orders o WHERE {f.ORDERS_IN_PERIOD} AND o.business_date > {f.last_whole_day()}
    GROUP BY 1, 2
) summed
GROUP BY 1, 2
HAVING sum(orders) <> 0 OR sum(net_sales) <> 0
ORDER BY 1, 2
"""
