"""What came back? The returns and refunds of a period, by the day of the return or by the orders they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period, local_day
from core.metrics import formulas as f
from core.metrics.ratios import ratio
from core.metrics.returns.later_sales import LATER, Basis, dated, of_period, placed, sold_by_point, sold_with
from core.metrics.scope import Scope

OPEN_DAYS = 60
"""Days after an order within which nearly all returns come back; `settled_share` says how many did."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns and refunds dated in a period, whenever their orders were placed."""

    returns: Decimal
    units_returned: int
    orders_returned: int
    refunds: int
    refunded: Decimal
    gross_sales: Decimal
    units_sold: int

    @property
    def return_rate(self) -> Decimal | None:
        """Returns ÷ gross sales, a fraction; None without sales. Above 1 where more came back than was sold."""
        return _share(self.returns, self.gross_sales)

    @property
    def unit_return_rate(self) -> Decimal | None:
        """Units returned ÷ units sold, a fraction; None without sales."""
        return ratio(self.units_returned, self.units_sold)

    @property
    def average_refund(self) -> Decimal | None:
        """Money paid back per refund that paid any; None without such refunds."""
        return ratio(self.refunded, self.refunds)


@dataclass(frozen=True, slots=True)
class CohortReturns:
    """What came back to date of the orders placed in a period, with the gross sales of these orders."""

    cohort_returns: Decimal
    cohort_units_returned: int
    cohort_orders_returned: int
    cohort_refunded: Decimal
    cohort_gross_sales: Decimal
    cohort_units_sold: int

    @property
    def cohort_return_rate(self) -> Decimal | None:
        """A fraction; None without sales."""
        return _share(self.cohort_returns, self.cohort_gross_sales)

    @property
    def cohort_unit_return_rate(self) -> Decimal | None:
        """A fraction; None without sales."""
        return ratio(self.cohort_units_returned, self.cohort_units_sold)


@dataclass(frozen=True, slots=True)
class Difference:
    """Why both views of a period differ: `both` is in each of them, the other two in one."""

    both: Decimal
    """Came back in the period, of orders placed in it."""
    of_other_orders: Decimal
    """Came back in the period, of orders placed on other days: by return day only."""
    on_other_days: Decimal
    """Came back on other days, of orders placed in the period: by order day only."""

    @property
    def amount(self) -> Decimal:
        """By return day less by order day."""
        return self.of_other_orders - self.on_other_days


@dataclass(frozen=True, slots=True)
class ReturnPoint:
    """One point of a series: what came back in it (or of its orders), beside the gross sales of the same point."""

    start: datetime
    returns: Decimal
    refunded: Decimal
    gross_sales: Decimal

    @property
    def figures(self) -> ReturnPoint:
        """Itself: a series of points names the figures of each."""
        return self

    @property
    def return_rate(self) -> Decimal | None:
        """A fraction; None without sales."""
        return _share(self.returns, self.gross_sales)


def returns(session: Session, scope: Scope, period: Period) -> Returns:
    """Sum up what is dated in the period."""
    return Returns(**session.execute(_BY_RETURN_DAY, scope.within(period)).mappings().one())


def cohort_returns(session: Session, scope: Scope, period: Period) -> CohortReturns:
    """Sum up what came back to date of the orders placed in the period."""
    row = session.execute(_BY_ORDER_DAY, scope.within(period)).mappings().one()
    return CohortReturns(**{f"cohort_{name}": value for name, value in row.items() if name != "refunds"})


def difference(session: Session, scope: Scope, period: Period) -> Difference:
    """Split the difference in returned value between both views."""
    return Difference(**session.execute(_DIFFERENCE, scope.within(period)).mappings().one())


def over_time(
    session: Session, scope: Scope, period: Period, basis: Basis, points: Sequence[datetime]
) -> tuple[ReturnPoint, ...]:
    """Sum up by points, with zeros where nothing came back."""
    rows = session.execute(text(over_time_statement(basis)), {**scope.within(period), "points": list(points)})
    return tuple(ReturnPoint(**row) for row in rows.mappings())


def settled_share(session: Session, scope: Scope, today: date) -> Decimal | None:
    """Ask how much of the returned value came back within `OPEN_DAYS` of the order: a fraction.

    It is of the orders of a year whose `OPEN_DAYS` are over; None if nothing of them came back.
    """
    last = today - timedelta(days=OPEN_DAYS)
    days = {"first": last - timedelta(days=364), "last": last, "open_days": OPEN_DAYS}
    row = session.execute(_SETTLED, {**scope.parameters, **days}).one()
    return _share(row.settled, row.whole)


def is_open(period: Period, now: datetime) -> bool:
    """Whether goods of the period's orders may well still come back: its last day is fewer than `OPEN_DAYS` ago."""
    return local_day(now, period.zone) < period.end + timedelta(days=OPEN_DAYS)


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


_BACK = """
    SELECT coalesce(sum(l.returned), 0) AS returns,
           coalesce(sum(l.units_returned), 0)::bigint AS units_returned,
           count(DISTINCT l.order_id) FILTER (WHERE l.kind = 'returned') AS orders_returned,
           count(*) FILTER (WHERE l.kind = 'refunded') AS refunds,
           coalesce(sum(l.refunded), 0) AS refunded"""
"""Sorting the orders' ids takes half as long as grouping all sums by order."""


def _summary(basis: Basis) -> str:
    return f"""
WITH back AS ({_BACK}
    FROM {LATER} l WHERE {of_period(basis)}
), sold AS ({sold_with(basis)})
SELECT back.*, coalesce(sold.gross_sales, 0) AS gross_sales, coalesce(sold.units_sold, 0) AS units_sold
FROM back LEFT JOIN sold ON true
"""


_BY_RETURN_DAY, _BY_ORDER_DAY = text(_summary(Basis.RETURN_DAY)), text(_summary(Basis.ORDER_DAY))

_DIFFERENCE = text(f"""
SELECT coalesce(sum(l.returned) FILTER (WHERE is_dated AND is_placed), 0) AS both,
       coalesce(sum(l.returned) FILTER (WHERE is_dated AND NOT is_placed), 0) AS of_other_orders,
       coalesce(sum(l.returned) FILTER (WHERE is_placed AND NOT is_dated), 0) AS on_other_days
FROM (
    SELECT l.returned, ({dated()}) AS is_dated, ({placed()}) AS is_placed
    FROM {LATER} l WHERE l.kind = 'returned' AND (({dated()}) OR ({placed()}))
) l
""")

_SETTLED = text(f"""
SELECT coalesce(sum(l.returned) FILTER (WHERE l.happened_on - l.placed_on <= :open_days), 0) AS settled,
       coalesce(sum(l.returned), 0) AS whole
FROM {LATER} l
WHERE {f.of_store("l")} AND l.kind = 'returned' AND l.placed_on BETWEEN :first AND :last AND l.currency = {f.CURRENCY}
""")


def over_time_statement(basis: Basis) -> str:
    """The SQL of `over_time`."""
    at = "l.happened_at" if basis is Basis.RETURN_DAY else "l.placed_at"
    return f"""
WITH back AS MATERIALIZED (
    SELECT {f.point(at)} AS point, sum(l.returned) AS returns, sum(l.refunded) AS refunded
    FROM {LATER} l WHERE {of_period(basis)} GROUP BY 1
), sold AS MATERIALIZED ({sold_by_point(basis)})
SELECT points.start, coalesce(back.returns, 0) AS returns, coalesce(back.refunded, 0) AS refunded,
       coalesce(sold.gross_sales, 0) AS gross_sales
FROM (
    SELECT n - 1 AS point, start
    FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
) points
LEFT JOIN back USING (point)
LEFT JOIN sold ON sold.part = points.point
ORDER BY points.point
"""
