"""How is the store doing? The figures of a period, as one and point by point, and the short lists below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope
from core.periods import Grain, Period

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures of a period, or of one point of it; names are those of `definitions`."""

    gross_sales: Decimal = ZERO
    discounts: Decimal = ZERO
    returns: Decimal = ZERO
    net_sales: Decimal = ZERO
    shipping: Decimal = ZERO
    taxes: Decimal = ZERO
    duties: Decimal = ZERO
    fees: Decimal = ZERO
    total_sales: Decimal = ZERO
    orders: int = 0
    customers: int = 0
    new_customers: int = 0
    returning_customers: int = 0
    placed_value: Decimal = field(default=ZERO, repr=False)
    """What the orders placed were worth, goods only and after discounts: `average_order_value` before dividing."""

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return self.placed_value / self.orders if self.orders else None

    @property
    def returning_customer_rate(self) -> Decimal | None:
        """A fraction (0.25); None without customers."""
        return Decimal(self.returning_customers) / self.customers if self.customers else None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series: from `start` (UTC) until the next point's."""

    start: datetime
    figures: Headline


def headline(session: Session, scope: Scope, period: Period) -> Headline:
    """All figures of the period."""
    return _figures(session, scope, period, period.instants[:1])[0].figures


def series(session: Session, scope: Scope, period: Period, grain: Grain) -> tuple[Point, ...]:
    """All figures, point by point, with zeros where nothing happened. Counts of customers do not add up: a customer
    of two points is counted in both."""
    return _figures(session, scope, period, period.points(grain))


def series_beside(
    session: Session, scope: Scope, compared: Period, period: Period, grain: Grain
) -> tuple[Point, ...]:
    """The series of the compared period, whose n-th point is to stand beside the n-th of `period`'s."""
    return _figures(session, scope, compared, compared.points_beside(period, grain))


_SALES = f"""
    SELECT {f.point("s.happened_at")} AS point,
           {f.GROSS_SALES} AS gross_sales, {f.DISCOUNTS} AS discounts, {f.RETURNS} AS returns,
           {f.NET_SALES} AS net_sales, {f.SHIPPING} AS shipping, {f.TAXES} AS taxes,
           {f.DUTIES} AS duties, {f.FEES} AS fees, {f.TOTAL_SALES} AS total_sales
    FROM sales s
    WHERE {f.SALES_IN_PERIOD}
    GROUP BY point"""

_ORDERS = f"""
    SELECT {f.point("o.processed_at")} AS point, count(*) AS orders
    FROM orders o
    WHERE {f.ORDERS_IN_PERIOD}
    GROUP BY point"""

_PLACED = f"""
    SELECT {f.point("o.processed_at")} AS point, {f.PLACED_VALUE} AS placed_value
    FROM orders o
    JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.reason = 'order'
    WHERE {f.ORDERS_IN_PERIOD}
    GROUP BY point"""

FIGURES = tuple(one.name for one in fields(Headline))
_EACH = ", ".join(f"coalesce({name}, 0) AS {name}" for name in FIGURES)

SERIES = f"""
SELECT points.start, {_EACH}
FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS points (start, n)
LEFT JOIN ({_SALES}) sales ON sales.point = points.n - 1
LEFT JOIN ({_ORDERS}) orders ON orders.point = points.n - 1
LEFT JOIN ({_PLACED}) placed ON placed.point = points.n - 1
LEFT JOIN ({f.CUSTOMERS_BY_POINT}) customers ON customers.point = points.n - 1
ORDER BY points.n
"""
"""The figures of a period, a row a point, with zeros where nothing happened."""


def _figures(session: Session, scope: Scope, period: Period, points: Sequence[datetime]) -> tuple[Point, ...]:
    rows = session.execute(text(SERIES), {**scope.within(period), "points": list(points)}).mappings()
    return tuple(Point(row["start"], Headline(**{name: row[name] for name in FIGURES})) for row in rows)
