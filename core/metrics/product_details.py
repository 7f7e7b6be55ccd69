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
from core.metrics.overview import Headline, Point, Report
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


_OF_PRODUCT = f"{f.SALES_IN_PERIOD} AND s.product_id = :product_id"

_PRODUCT = text(f"""
SELECT p.product_id, p.title, p.vendor, p.product_type, p.status FROM products p
WHERE {f.of_store("p")} AND p.product_id = :product_id AND p.deleted_at IS NULL
""")

_VARIANTS = text(f"""
WITH sold AS (
    SELECT s.variant_id, {f.NET_SALES} AS net_sales, {f.UNITS_SOLD} AS units_sold,
           {f.UNITS_RETURNED} AS units_returned, {f.RETURNS} AS returns,
           max(s.order_id) AS an_order, max(s.line_item_id) AS a_line
    FROM sales s WHERE {_OF_PRODUCT}
    GROUP BY s.variant_id
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
LEFT JOIN line_items l
  ON {f.of_store("l")} AND l.order_id = sold.an_order AND l.line_item_id = sold.a_line AND c.variant_id IS NULL
ORDER BY net_sales DESC, c.position, c.variant_id
""")

REPORT = f"""
WITH sold AS MATERIALIZED (
    SELECT {f.point("s.happened_at")} AS point, {f.GROSS_SALES} AS gross_sales, {f.DISCOUNTS} AS discounts,
           {f.RETURNS} AS returns, {f.NET_SALES} AS net_sales
    FROM sales s WHERE {_OF_PRODUCT}
    GROUP BY GROUPING SETS ((1), ())
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
