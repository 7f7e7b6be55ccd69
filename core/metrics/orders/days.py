"""How many orders does each day have? A page far down a list begins with the right day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


def orders_by_day(session: Session, scope: Scope, period: Period) -> list[tuple[date, int]]:
    """Count the period's orders in any currency by day, the latest first; a day without orders may be left out."""
    return [(row.business_date, row.orders) for row in session.execute(_BY_DAY, scope.within(period))]


def skip_days(session: Session, scope: Scope, period: Period, offset: int, is_descending: bool) -> tuple[Period, int]:
    """Leave out the days whose orders are all before `offset`; returns the rest of the period, and of the offset.

    PostgreSQL would read all orders before the offset, and the last pages of a large store are behind a million.
    """
    if not offset:
        return period, offset
    days = orders_by_day(session, scope, period)
    for day, orders in days if is_descending else reversed(days):
        if offset < orders:
            start, end = (period.start, day) if is_descending else (day, period.end)
            return replace(period, start=start, end=end, until=period.until if end == period.end else None), offset
        offset -= orders
    return period, offset + sum(orders for _, orders in days)


_BY_DAY = text(f"""
    SELECT d.business_date, sum(d.orders)::bigint AS orders FROM sales_by_day d
    WHERE {f.of_store("d")} AND d.business_date BETWEEN :start AND {f.last_whole_day()}
    GROUP BY 1
    UNION ALL
    SELECT o.business_date, count(*) FROM orders o
    WHERE {f.ORDERS_OF_PERIOD} AND o.business_date > {f.last_whole_day()}
    GROUP BY 1
    ORDER BY 1 DESC
""")
