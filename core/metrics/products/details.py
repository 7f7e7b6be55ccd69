"""How does one product sell? Its figures of a period, whole and by points, and its variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.products.sums import product_sums, sold_lines
from core.metrics.sales.overview import Headline, Point, Report
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class VariantDetails:
    """A variant with its sales of the period, beside price and stock as they are now.

    Both are None if the catalogue has the variant no longer; the price also in another currency than the store's.
    """

    variant: str | None
    sku: str | None
    net_sales: Decimal
    units_sold: int
    units_returned: int
    returns: Decimal
    price: Decimal | None
    stock: int | None


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """A product of the catalogue, with all its variants and those that were sold in the period."""

    product_id: int
    title: str
    vendor: str | None
    product_type: str | None
    status: str | None
    variants: tuple[VariantDetails, ...]


def product_details(session: Session, scope: Scope, product_id: int, period: Period) -> ProductDetails | None:
    """Find a product with its variants, by their net sales in the period; None if it is unknown or deleted."""
    parameters = {**scope.within(period), "product_id": product_id}
    product = session.execute(_PRODUCT, parameters).mappings().one_or_none()
    if product is None:
        return None
    variants = tuple(VariantDetails(**row) for row in session.execute(_VARIANTS, parameters).mappings())
    return ProductDetails(**product, variants=variants)


def product_report(
    session: Session, scope: Scope, product_id: int, period: Period, points: Sequence[datetime]
) -> Report:
    """Sum up a product's sales of the period, as one and by points: gross and net sales, discounts and returns.

    The other figures are of whole orders, so they are 0. All products' net sales come to the Overview's.
    """
    parameters = {**scope.within(period), "product_id": product_id, "points": list(points)}
    rows = session.execute(text(REPORT), parameters).mappings()
    whole, *series = [
        Point(
            row["start"], Headline(**{name: value for name, value in row.items() if name not in ("point", "start")})
        )
        for row in rows
    ]
    return Report(whole.figures, tuple(series))


_PRODUCT = text(f"""
SELECT p.product_id, p.title, p.vendor, p.product_type, p.status FROM products p
WHERE {f.of_store("p")} AND p.product_id = :product_id AND p.deleted_at IS NULL
""")

_VARIANTS = text(f"""
WITH sold AS MATERIALIZED (
    SELECT nullif(variant_id, 0) AS variant_id, product_id, units_sold, units_returned, returns, net_sales
    FROM ({product_sums(only="product_id = :product_id")}) sums
), catalogue AS (
    SELECT v.variant_id, v.title, v.sku, v.inventory_quantity, v.position,
           CASE WHEN {f.CURRENCY} = {f.STORE_CURRENCY} THEN v.price END AS price
    FROM variants v WHERE {f.of_store("v")} AND v.product_id = :product_id
)
SELECT coalesce(c.title, l.variant_title) AS variant, coalesce(c.sku, l.sku) AS sku,
       coalesce(sold.net_sales, 0) AS net_sales, coalesce(sold.units_sold, 0) AS units_sold,
       coalesce(sold.units_returned, 0) AS units_returned, coalesce(sold.returns, 0) AS returns,
       c.price, c.inventory_quantity AS stock
FROM sold FULL JOIN catalogue c ON c.variant_id = sold.variant_id
LEFT JOIN LATERAL (
    SELECT max(l.variant_title) AS variant_title, max(l.sku) AS sku
    {sold_lines("sold", "variant_id")} AND c.variant_id IS NULL
) l ON true
ORDER BY net_sales DESC, c.position, c.variant_id
""")

_FIRST_DAY_BY_ROW = f"""(
    SELECT CASE WHEN :start = :end THEN CAST(:start AS date) ELSE {f.last_whole_day()} + 1 END)"""
"""The first day whose ledger rows are read one by one: points of a single day are hours."""

_BY_POINT = f"""
    SELECT {f.point_of_day("k.business_date")} AS point, k.gross_sales, k.discounts, k.returns, k.net_sales
    FROM product_sales_by_day k
    WHERE {f.of_store("k")} AND k.product_id = :product_id AND k.currency = {f.CURRENCY}
      AND k.business_date BETWEEN :start AND {f.last_whole_day()} AND k.business_date < {_FIRST_DAY_BY_ROW}
    UNION ALL
    SELECT {f.point("s.happened_at")}, {f.GROSS_SALES}, {f.DISCOUNTS}, {f.RETURNS}, {f.NET_SALES}
    FROM sales s
    WHERE {f.SALES_IN_PERIOD} AND s.business_date >= {_FIRST_DAY_BY_ROW} AND s.product_id = :product_id
    GROUP BY 1"""

REPORT = f"""
WITH sold AS MATERIALIZED (
    SELECT point, sum(gross_sales) AS gross_sales, sum(discounts) AS discounts, sum(returns) AS returns,
           sum(net_sales) AS net_sales
    FROM ({_BY_POINT}) summed
    GROUP BY GROUPING SETS ((point), ())
), points AS (
    SELECT n - 1 AS point, start
    FROM unnest(CAST(:points AS timestamptz[])) WITH ORDINALITY AS given (start, n)
    UNION ALL SELECT -1, NULL
)
SELECT points.point, points.start, coalesce(gross_sales, 0) AS gross_sales, coalesce(discounts, 0) AS discounts,
       coalesce(returns, 0) AS returns, coalesce(net_sales, 0) AS net_sales
FROM points LEFT JOIN sold ON coalesce(sold.point, -1) = points.point
ORDER BY points.point
"""

OVER_TIME = f"SELECT * FROM ({REPORT}) this WHERE point >= 0 ORDER BY point"
"""The points of `product_report` without the whole: the rows of a chart, for its file."""
