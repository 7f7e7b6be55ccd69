"""What does the accountant need? Sales as in the overview, with what is no sale: tips and gift cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Grain, Period, local_day
from core.metrics import formulas as f
from core.metrics.sales import overview
from core.metrics.sales.overview import Headline
from core.metrics.scope import Scope

ZERO = Decimal(0)
FEWEST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Finance(Headline):
    """The figures of a period, or of one month; names are those of `definitions`."""

    gift_cards_sold: Decimal = ZERO
    """A debt to the customer, not a sale; less the gift cards refunded."""


@dataclass(frozen=True, slots=True)
class FinancePoint:
    """One point of a series: from `start` (UTC) until the next point's."""

    start: datetime
    figures: Finance


@dataclass(frozen=True, slots=True)
class FinanceReport:
    """The figures of a period, and point by point."""

    whole: Finance
    points: tuple[FinancePoint, ...]


def finance(session: Session, scope: Scope, period: Period, grain: Grain) -> FinanceReport:
    """Ask for all figures of the period."""
    report = overview.report(session, scope, period, grain)
    sold = _gift_cards(session, scope, period, period.points(grain))
    points = [
        FinancePoint(point.start, _with_gift_cards(point.figures, sold.get(number, ZERO)))
        for number, point in enumerate(report.points)
    ]
    return FinanceReport(_with_gift_cards(report.whole, sum(sold.values(), ZERO)), tuple(points))


def accounting_months(period: Period, first_day: date | None) -> Period:
    """Return the whole months for an accountant: those of the period, and twelve at least.

    They begin no earlier than the month of `first_day`, the store's first order.
    """
    months = period.end.year * 12 + period.end.month - FEWEST_MONTHS
    earliest = first_day.replace(day=1) if first_day else period.start.replace(day=1)
    year_before = max(date(months // 12, months % 12 + 1, 1), earliest)
    return Period(min(year_before, period.start.replace(day=1)), last_of_month(period.end), period.zone)


def last_of_month(day: date) -> date:
    """The last day of the month that `day` is in."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _with_gift_cards(figures: Headline, sold: Decimal) -> Finance:
    return Finance(**asdict(figures), gift_cards_sold=sold)


def _gift_cards(session: Session, scope: Scope, period: Period, points: Sequence[datetime]) -> dict[int, Decimal]:
    """Sum the gift cards of each point. Hours are of one day, whose rows are few; days are kept sums."""
    days = [local_day(point, period.zone) for point in points]
    statement = _BY_DAY if len(set(days)) == len(days) else _BY_HOUR
    rows = session.execute(text(statement), {**scope.within(period), "points": list(points), "point_days": days})
    return {row.point: row.sold for row in rows}


_BY_HOUR = f"""
    SELECT {f.point("s.happened_at")} AS point, sum(s.net) AS sold
    FROM sales s WHERE {f.SALES_IN_PERIOD} AND s.line_type = 'gift_card' GROUP BY 1"""
_BY_DAY = f"""
    SELECT greatest(width_bucket(day, CAST(:point_days AS date[])), 1) - 1 AS point, sum(sold) AS sold
    FROM (
        SELECT d.business_date AS day, d.gift_cards AS sold FROM sales_by_day d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY}
          AND d.business_date BETWEEN :start AND {f.last_whole_day()}
        UNION ALL
        SELECT s.business_date, s.net FROM sales s
        WHERE {f.SALES_IN_PERIOD} AND s.line_type = 'gift_card' AND s.business_date > {f.last_whole_day()}
    ) cards
    GROUP BY 1"""

MONTHS = f"""
SELECT report.*, coalesce(gift_cards.sold, 0) AS gift_cards_sold
FROM ({overview.REPORT}) report
LEFT JOIN ({_BY_DAY}) gift_cards ON gift_cards.point = report.point
WHERE report.point >= 0
ORDER BY report.point
"""
"""The months of a file, each with its figures."""
