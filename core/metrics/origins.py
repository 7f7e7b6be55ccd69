"""Where do sales come from? Net sales by country, by sales channel, and by new and returning customers.

Each sale counts by its order: the country and the channel of the order, and whether it was its customer's first of
all. So a return of an order of Germany lowers the sales of Germany, on the day of the return.
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


_VALUES: Mapping[Origin, str] = {
    Origin.COUNTRY: "nullif(o.country, '')",
    Origin.CHANNEL: "nullif(o.source_name, '')",
}
_GOODS = "s.line_type IN ('product', 'adjustment')"
_ORDER = f"JOIN orders o ON {f.of_store('o')} AND o.order_id = s.order_id"
_PLACE = f"LEFT JOIN customer_orders k ON {f.of_store('k')} AND k.order_id = s.order_id"


def origin_statement(origin: Origin) -> str:
    """The SQL of `sales_by_origin`."""
    return f"""
SELECT value, net_sales
FROM (
    SELECT {_VALUES[origin]} AS value, sum(s.net) AS net_sales
    FROM sales s {_ORDER}
    WHERE {f.SALES_IN_PERIOD} AND {_GOODS}
    GROUP BY 1
) summed
WHERE net_sales <> 0
ORDER BY net_sales DESC, value NULLS LAST
LIMIT :limit
"""


BY_KIND = f"""
WITH sold AS (
    SELECT {f.point("s.happened_at")} AS point,
           coalesce(sum(s.net) FILTER (WHERE k.number = 1), 0) AS new_sales,
           coalesce(sum(s.net) FILTER (WHERE k.number IS DISTINCT FROM 1), 0) AS returning_sales
    FROM sales s {_PLACE}
    WHERE {f.SALES_IN_PERIOD} AND {_GOODS}
    GROUP BY 1
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
