"""How far is a day at this hour? Running totals of single days, to be drawn over one another.

Hours are those of the store's clock, 24 a day. So the same time of two days stands at the same place also if one of
them has 23 or 25 hours: an hour that clocks skip adds nothing, and one that they repeat counts both times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Running:
    """What a day has come to at some time of it."""

    net_sales: Decimal
    total_sales: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Pace:
    """A day hour by hour: `hours[n]` is all of the day before the clock shows n + 1, so `hours[23]` is the whole day.

    `so_far` is all of it before the day's `until`; the whole day without one.
    """

    day: date
    hours: tuple[Running, ...]
    so_far: Running


def paces(session: Session, scope: Scope, days: Sequence[Period]) -> tuple[Pace, ...]:
    """Ask for the running totals of some days, in their order; each is a period of one day, in one time zone."""
    parameters = {
        **scope.parameters,
        "days": [period.start for period in days],
        "untils": [period.until for period in days],
        "zone": days[0].zone.key,
    }
    by_day: dict[date, list[Running]] = {}
    for row in session.execute(_PACES, parameters):
        by_day.setdefault(row.day, []).append(Running(row.net_sales, row.total_sales, row.orders))
    return tuple(Pace(period.start, tuple(by_day[period.start][1:]), by_day[period.start][0]) for period in days)


def _places(instant: str) -> str:
    """The hours that an event counts in: that of the clock, and -1 if it is before the day's `until`."""
    return f"""unnest(ARRAY[
        CAST(extract(hour FROM {instant} AT TIME ZONE :zone) AS int),
        CASE WHEN {instant} < days.until THEN -1 END
    ])"""


_PACES = text(f"""
WITH days AS (
    SELECT DISTINCT day, coalesce(until, 'infinity') AS until
    FROM unnest(CAST(:days AS date[]), CAST(:untils AS timestamptz[])) AS given (day, until)
), sold AS (
    SELECT days.day, place.hour, {f.NET_SALES} AS net_sales, {f.TOTAL_SALES} AS total_sales
    FROM days
    JOIN sales s ON {f.SALES_OF_STORE} AND s.business_date = days.day AND s.currency = {f.CURRENCY}
    CROSS JOIN LATERAL {_places("s.happened_at")} AS place (hour)
    GROUP BY 1, 2
), placed AS (
    SELECT days.day, place.hour, count(*) AS orders
    FROM days
    JOIN orders o ON {f.ORDERS_OF_STORE} AND o.business_date = days.day AND o.currency = {f.CURRENCY}
    CROSS JOIN LATERAL {_places("o.processed_at")} AS place (hour)
    GROUP BY 1, 2
)
SELECT days.day, sum(coalesce(net_sales, 0)) OVER running AS net_sales,
       sum(coalesce(total_sales, 0)) OVER running AS total_sales,
       CAST(sum(coalesce(orders, 0)) OVER running AS bigint) AS orders
FROM days
CROSS JOIN generate_series(-1, 23) AS hour
LEFT JOIN sold USING (day, hour)
LEFT JOIN placed USING (day, hour)
WINDOW running AS (PARTITION BY days.day, hour < 0 ORDER BY hour)
ORDER BY days.day, hour
""")
