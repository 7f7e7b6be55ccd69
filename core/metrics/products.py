"""Which products sell? Sales of a period by product and by variant, beside the current price and stock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class ProductSales:
    """A product's figures. `product_id` is None for custom items and for adjustments of refunds.

    Price and stock are the current ones, over all variants; None if the catalogue does not have the product. A price
    is also None in figures of another currency than the store's.
    """

    product_id: int | None
    title: str
    units_sold: int
    units_returned: int
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    lowest_price: Decimal | None
    highest_price: Decimal | None
    stock: int | None


@dataclass(frozen=True, slots=True)
class VariantSales:
    """A variant's figures; as `ProductSales`, with the SKU."""

    product_id: int | None
    variant_id: int | None
    title: str
    variant: str | None
    sku: str | None
    units_sold: int
    units_returned: int
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    price: Decimal | None
    stock: int | None


def sales_by_product(
    session: Session, scope: Scope, period: Period, limit: int | None = None
) -> tuple[ProductSales, ...]:
    """List every product sold or in the catalogue, by net sales. Their sum is the period's net sales.

    A title is the catalogue's, else that of a line item.
    """
    rows = session.execute(text(BY_PRODUCT), {**scope.within(period), "limit": limit})
    return tuple(ProductSales(**row) for row in rows.mappings())


def sales_by_variant(
    session: Session, scope: Scope, period: Period, limit: int | None = None
) -> tuple[VariantSales, ...]:
    """List as `sales_by_product`, by variant."""
    rows = session.execute(text(BY_VARIANT), {**scope.within(period), "limit": limit})
    return tuple(VariantSales(**row) for row in rows.mappings())


_MEASURES = f"""
        {f.UNITS_SOLD} AS units_sold, {f.UNITS_RETURNED} AS units_returned, {f.GROSS_SALES} AS gross_sales,
        {f.DISCOUNTS} AS discounts, {f.RETURNS} AS returns, {f.NET_SALES} AS net_sales,
        max(s.order_id) AS an_order, max(s.line_item_id) AS a_line"""
_MEASURED = """
    coalesce(sold.units_sold, 0) AS units_sold, coalesce(sold.units_returned, 0) AS units_returned,
    coalesce(sold.gross_sales, 0) AS gross_sales, coalesce(sold.discounts, 0) AS discounts,
    coalesce(sold.returns, 0) AS returns, coalesce(sold.net_sales, 0) AS net_sales"""
_GOODS = f"{f.SALES_IN_PERIOD} AND s.line_type IN ('product', 'adjustment')"
_CUSTOM_TITLE = f"""
        CASE WHEN s.product_id IS NULL THEN
            (SELECT l.title FROM line_items l
             WHERE {f.of_store("l")}
               AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id)
        END"""
_IS_PRICED = f"(SELECT {f.CURRENCY} = {f.STORE_CURRENCY})"
"""Whether the figures are in the currency of the catalogue's prices, which is the store's current one."""
_SOLD_TITLE = f"""
        coalesce((SELECT max(l.title) FROM line_items l
                  WHERE {f.of_store("l")}
                    AND l.order_id = sold.an_order AND l.product_id = sold.product_id),
                 CASE WHEN sold.a_line IS NULL THEN 'Refund adjustments' ELSE 'Unknown product' END)"""

# A full join, because a product may be unsold, or sold and then deleted from the catalogue.
BY_PRODUCT = f"""
WITH sold AS (
    SELECT s.product_id, {_CUSTOM_TITLE} AS custom_title, {_MEASURES}
    FROM sales s WHERE {_GOODS}
    GROUP BY 1, 2
), catalogue AS (
    SELECT p.product_id, p.title, p.deleted_at, min(v.price) AS lowest_price, max(v.price) AS highest_price,
           sum(v.inventory_quantity)::bigint AS stock
    FROM products p
    LEFT JOIN variants v ON {f.of_store("v")} AND v.product_id = p.product_id
    WHERE {f.of_store("p")}
    GROUP BY p.product_id, p.title, p.deleted_at
)
SELECT coalesce(sold.product_id, c.product_id) AS product_id,
    coalesce(c.title, sold.custom_title, {_SOLD_TITLE}) AS title, {_MEASURED},
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.lowest_price END AS lowest_price,
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.highest_price END AS highest_price,
    CASE WHEN c.deleted_at IS NULL THEN c.stock END AS stock
FROM sold FULL JOIN catalogue c ON c.product_id = sold.product_id
WHERE sold.an_order IS NOT NULL OR c.deleted_at IS NULL
ORDER BY net_sales DESC, title, product_id
LIMIT :limit
"""

BY_VARIANT = f"""
WITH sold AS (
    SELECT s.product_id, s.variant_id, {_CUSTOM_TITLE} AS custom_title, {_MEASURES}
    FROM sales s WHERE {_GOODS}
    GROUP BY 1, 2, 3
), catalogue AS (
    SELECT p.product_id, v.variant_id, p.title, v.title AS variant, v.sku, v.price, v.inventory_quantity AS stock,
           p.deleted_at
    FROM products p
    JOIN variants v ON {f.of_store("v")} AND v.product_id = p.product_id
    WHERE {f.of_store("p")}
)
SELECT coalesce(sold.product_id, c.product_id) AS product_id,
    coalesce(sold.variant_id, c.variant_id) AS variant_id,
    coalesce(c.title, sold.custom_title, p.title, {_SOLD_TITLE}) AS title,
    coalesce(c.variant, l.variant_title) AS variant, coalesce(c.sku, l.sku) AS sku, {_MEASURED},
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.price END AS price,
    CASE WHEN c.deleted_at IS NULL THEN c.stock END AS stock
FROM sold FULL JOIN catalogue c ON c.variant_id = sold.variant_id
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = sold.product_id
LEFT JOIN LATERAL (
    SELECT max(l.variant_title) AS variant_title, max(l.sku) AS sku FROM line_items l
    WHERE c.variant_id IS NULL AND {f.of_store("l")}
      AND l.order_id = sold.an_order AND l.variant_id = sold.variant_id
) l ON true
WHERE sold.an_order IS NOT NULL OR c.deleted_at IS NULL
ORDER BY net_sales DESC, title, variant_id
LIMIT :limit
"""
