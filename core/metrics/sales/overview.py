"""How is the store doing? The figures of a period, as one and point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Grain, Period
from core.metrics.customers.counts import customers_by_point
from core.metrics.ratios import average_order_value, ratio
from core.metrics.sales.sales_by_point import sales_by_point
from core.metrics.scope import Scope

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
    tips: Decimal = ZERO
    orders: int = 0
    customers: int = 0
    new_customers: int = 0
    repeat_customers: int = 0
    returning_customers: int = 0
    placed_value: Decimal = field(default=ZERO, repr=False)
    """The value of the orders placed, goods only and after discounts: `average_order_value` before the division."""

    @property
    def average_order_value(self) -> Decimal | None:
        """None without orders."""
        return average_order_value(self.placed_value, self.orders)

    @property
    def returning_customer_rate(self) -> Decimal | None:
        """A fraction (0.25); None without customers."""
        return ratio(self.returning_customers, self.customers)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series: from `start` (UTC) until the next point's."""

    start: datetime
    figures: Headline


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, and point by point, with zeros where nothing happened.

    Amounts and orders of the points add up to the whole. Customers do not: each point counts its own.
    """

    whole: Headline
    points: tuple[Point, ...]


def report(session: Session, scope: Scope, period: Period, grain: Grain) -> Report:
    """Ask for all figures of the period."""
    return _report(session, scope, period, period.points(grain))


def report_beside(session: Session, scope: Scope, compared: Period, period: Period, grain: Grain) -> Report:
    """Ask for all figures of the compared period. Its n-th point is drawn beside the n-th point of `period`."""
    return _report(session, scope, compared, compared.points_beside(period, grain))


FIGURES = tuple(field.name for field in fields(Headline))


def _statement(prefix: str = "") -> str:
    """Build the statement of a report; `prefix` begins the names of the period's parameters.

    It gives a row for the whole period, whose point is -1, then a row a point. MATERIALIZED makes PostgreSQL compute
    each part once: it expects few rows and would otherwise repeat a part for each of them.
    """
    return f"""
WITH sold AS MATERIALIZED ({sales_by_point(prefix)}
), bought AS MATERIALIZED ({customers_by_point(prefix)}
), points AS (
    SELECT n - 1 AS point, start
    FROM unnest(CAST(:{prefix}points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
    UNION ALL SELECT -1, NULL
)
SELECT points.point, points.start, {", ".join(f"coalesce({name}, 0) AS {name}" for name in FIGURES)}
FROM points
LEFT JOIN sold ON coalesce(sold.point, -1) = points.point
LEFT JOIN bought ON coalesce(bought.point, -1) = points.point
ORDER BY points.point
"""


REPORT = _statement()

OVER_TIME = f"""
SELECT this.*, beside.start AS compared_start, beside.net_sales AS compared_net_sales,
       beside.total_sales AS compared_total_sales, beside.orders AS compared_orders
FROM ({REPORT}) this
LEFT JOIN ({_statement("compared_")}) beside ON beside.point = this.point
WHERE this.point >= 0
ORDER BY this.point
"""
"""The points of a period, each beside the point that it is compared with: the rows of a chart, for its file."""


def _report(session: Session, scope: Scope, period: Period, points: Sequence[datetime]) -> Report:
    rows = session.execute(text(REPORT), {**scope.within(period), "points": list(points)}).mappings()
    whole, *series = [Point(row["start"], Headline(**{name: row[name] for name in FIGURES})) for row in rows]
    return Report(whole.figures, tuple(series))
