"""Where do sales come from? Net sales by country, channel, visit and campaign, and by new and returning customers.

Each sale counts by its order: the country and the channel of the order, the last visit before it, and whether it was
its customer's first of all. So a return of an order of Germany lowers the sales of Germany, on the day of
the return. Sums are kept by day; only a day that is not over, and the hours of one day, are read from the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Grain, Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


class Origin(StrEnum):
    """A property of orders."""

    COUNTRY = "country"
    """As Shopify has it: a code of ISO 3166, or a name in an imported file."""
    CHANNEL = "channel"
    """The `source_name` of the order."""
    SOURCE = "source"
    """Where the last visitor before the order came from."""
    CAMPAIGN = "campaign"
    """The campaign of the last visit before the order."""


@dataclass(frozen=True, slots=True)
class OriginSales:
    """The net sales of one value of the property; None for orders without one."""

    value: str | None
    net_sales: Decimal


@dataclass(frozen=True, slots=True)
class KindSales:
    """Net sales of first orders of customers, and of all their later orders."""

    new_sales: Decimal = Decimal(0)
    returning_sales: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class KindPoint:
    """One point of a series: from `start` (UTC) until the next point's."""

    start: datetime
    figures: KindSales


@dataclass(frozen=True, slots=True)
class KindReport:
    """Sales of new and returning customers of a period, and point by point. The points add up to the whole."""

    whole: KindSales
    points: tuple[KindPoint, ...]


def sales_by_origin(
    session: Session, scope: Scope, period: Period, origin: Origin, limit: int | None = None
) -> tuple[OriginSales, ...]:
    """List net sales by the property, the highest first. Without a limit, they add up to the net sales."""
    parameters = {**scope.within(period), "limit": limit}
    rows = session.execute(text(origin_statement(origin)), parameters).mappings()
    return tuple(OriginSales(**row) for row in rows)


def sales_by_kind(session: Session, scope: Scope, period: Period, grain: Grain) -> KindReport:
    """Ask for the sales of new and returning customers over time."""
    return _kinds(session, scope, period, period.points(grain))


_GOODS = "s.line_type IN ('product', 'adjustment')"
_JOIN_ORDERS = f"JOIN orders o ON {f.of_store('o')} AND o.order_id = s.order_id"
_COLUMNS = {
    Origin.COUNTRY: "country",
    Origin.CHANNEL: "source_name",
    Origin.SOURCE: "visit_source",
    Origin.CAMPAIGN: "visit_campaign",
}
_BY_ROW: Mapping[str, tuple[str, str]] = {
    **{origin: (f"coalesce(o.{column}, '')", _JOIN_ORDERS) for origin, column in _COLUMNS.items()},
    "customer": (
        "CASE WHEN k.number = 1 THEN 'new' ELSE 'returning' END",
        f"LEFT JOIN customer_orders k ON {f.of_store('k')} AND k.order_id = s.order_id",
    ),
}
"""By dimension: the value of a row of the ledger, and the tables that it needs."""


def _sums(dimension: str, point: str, point_of_day: str, first_day_by_row: str) -> str:
    """Sums are kept by day; rows are read one by one from `first_day_by_row` on."""
    value, joins = _BY_ROW[dimension]
    return f"""
        SELECT {point_of_day} AS point, d.value, d.net_sales
        FROM sales_by_origin d
        WHERE {f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.dimension = '{dimension}'
          AND d.business_date >= :start AND d.business_date <= {f.last_whole_day()}
          AND d.business_date < {first_day_by_row}
        UNION ALL
        SELECT {point}, {value}, s.net
        FROM sales s {joins}
        WHERE {f.SALES_IN_PERIOD} AND {_GOODS} AND s.business_date >= {first_day_by_row}"""


def origin_statement(origin: Origin) -> str:
    """The SQL of `sales_by_origin`."""
    sums = _sums(origin, "0", "0", f"({f.last_whole_day()} + 1)")
    return f"""
SELECT nullif(value, '') AS value, sum(net_sales) AS net_sales
FROM ({sums}) summed
GROUP BY value
HAVING sum(net_sales) <> 0
ORDER BY net_sales DESC, value NULLS LAST
LIMIT :limit
"""


# The points of one day are hours, which only the ledger's rows have.
_FIRST_DAY_BY_ROW = f"(CASE WHEN :start = :end THEN CAST(:start AS date) ELSE {f.last_whole_day()} + 1 END)"
BY_KIND = f"""
WITH sold AS (
    SELECT point, sum(net_sales) FILTER (WHERE value = 'new') AS new_sales,
           sum(net_sales) FILTER (WHERE value = 'returning') AS returning_sales
    FROM ({_sums("customer", f.point("s.happened_at"), f.point_of_day("d.business_date"), _FIRST_DAY_BY_ROW)}) summed
    GROUP BY point
)
SELECT start, coalesce(new_sales, 0) AS new_sales, coalesce(returning_sales, 0) AS returning_sales
FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
LEFT JOIN sold ON sold.point = n - 1
ORDER BY n
"""


def _kinds(session: Session, scope: Scope, period: Period, points: Sequence[datetime]) -> KindReport:
    rows = session.execute(text(BY_KIND), {**scope.within(period), "points": list(points)})
    series = tuple(KindPoint(row.start, KindSales(row.new_sales, row.returning_sales)) for row in rows)
    whole = KindSales(
        sum((point.figures.new_sales for point in series), Decimal(0)),
        sum((point.figures.returning_sales for point in series), Decimal(0)),
    )
    return KindReport(whole, series)
