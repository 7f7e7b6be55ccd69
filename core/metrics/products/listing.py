"""Which products sell? Sales of a period by product and by variant, beside the current price and stock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.products.sums import GOODS, SUMS, product_sums, sold_lines
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class ProductKey(StrEnum):
    """What lists of products and of variants can be sorted by. `PRICE` is the lowest one of a product."""

    TITLE = "title"
    NET_SALES = "net_sales"
    UNITS_SOLD = "units_sold"
    UNITS_RETURNED = "units_returned"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    STOCK = "stock"
    PRICE = "price"
    VENDOR = "vendor"
    PRODUCT_TYPE = "type"
    SKU = "sku"


BEST_FIRST = Sort(ProductKey.NET_SALES, is_descending=True)


class Goods(StrEnum):
    """Which rows a list of products has. Shopify knows no product of a custom item or a refund adjustment."""

    ALL = "all"
    PRODUCTS = "products"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class ProductSales:
    """A product's figures. `product_id` is None for custom items and for adjustments of refunds.

    Price and stock are the current ones, over all variants; None if the catalogue does not have the product. A price
    is also None in figures of another currency than the store's. Vendor and type are the catalogue's.
    """

    product_id: int | None
    title: str
    vendor: str | None
    product_type: str | None
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
    vendor: str | None
    product_type: str | None
    units_sold: int
    units_returned: int
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    price: Decimal | None
    stock: int | None


@dataclass(frozen=True, slots=True)
class GoodsCount:
    """The length of a list without a limit: its products (or variants), and its other rows with their net sales."""

    products: int
    others: int
    others_net_sales: Decimal


def sales_by_product(
    session: Session,
    scope: Scope,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    goods: Goods = Goods.ALL,
    sort: Sort[ProductKey] = BEST_FIRST,
) -> tuple[ProductSales, ...]:
    """List every product sold or in the catalogue. Their sum is the period's net sales.

    A title is the catalogue's, else that of a line item. `search` is a part of a title, vendor, type or SKU.
    """
    parameters = {**_narrowed(scope, period, search), "goods": goods.value, "limit": limit, "offset": offset}
    rows = session.execute(text(products_statement(sort)), parameters)
    return tuple(ProductSales(**row) for row in rows.mappings())


def sales_by_variant(
    session: Session,
    scope: Scope,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    goods: Goods = Goods.ALL,
    sort: Sort[ProductKey] = BEST_FIRST,
) -> tuple[VariantSales, ...]:
    """List as `sales_by_product`, by variant."""
    parameters = {**_narrowed(scope, period, search), "goods": goods.value, "limit": limit, "offset": offset}
    rows = session.execute(text(variants_statement(sort)), parameters)
    return tuple(VariantSales(**row) for row in rows.mappings())


def count_products(session: Session, scope: Scope, period: Period, search: str = "") -> GoodsCount:
    """Count the rows of `sales_by_product` without a limit."""
    statement = _COUNT_PRODUCTS if search.strip() else _COUNT_ALL_PRODUCTS
    return GoodsCount(**session.execute(statement, _narrowed(scope, period, search)).mappings().one())


def count_variants(session: Session, scope: Scope, period: Period, search: str = "") -> GoodsCount:
    """Count the rows of `sales_by_variant` without a limit."""
    statement = _COUNT_VARIANTS if search.strip() else _COUNT_ALL_VARIANTS
    return GoodsCount(**session.execute(statement, _narrowed(scope, period, search)).mappings().one())


def _narrowed(scope: Scope, period: Period, search: str) -> dict[str, object]:
    return {**scope.within(period), "search": f.containing(search)}


_SUMS = ", ".join(SUMS)
_ADDED = ", ".join(f"sum({name}){'::bigint' if name.startswith('units') else ''}" for name in SUMS)
_MEASURED = """
    coalesce(sold.units_sold, 0) AS units_sold, coalesce(sold.units_returned, 0) AS units_returned,
    coalesce(sold.gross_sales, 0) AS gross_sales, coalesce(sold.discounts, 0) AS discounts,
    coalesce(sold.returns, 0) AS returns, coalesce(sold.net_sales, 0) AS net_sales"""
_CUSTOM_TITLE = f"""
        (SELECT l.title FROM line_items l
         WHERE {f.of_store("l")} AND l.order_id = s.order_id AND l.line_item_id = s.line_item_id)"""
_CUSTOM = f"""
    SELECT s.variant_id, {_CUSTOM_TITLE} AS custom_title, max(s.line_item_id) IS NULL AS is_adjustment,
           {f.UNITS_SOLD} AS units_sold, {f.UNITS_RETURNED} AS units_returned, {f.GROSS_SALES} AS gross_sales,
           {f.DISCOUNTS} AS discounts, {f.RETURNS} AS returns, {f.NET_SALES} AS net_sales
    FROM sales s
    WHERE {f.SALES_IN_PERIOD} AND {GOODS} AND s.product_id IS NULL
    GROUP BY 1, 2"""
"""Goods without a product: custom items by their titles, and refund adjustments. No sum that is kept has titles."""
_SOLD_PRODUCTS = f"""
    SELECT product_id, NULL AS custom_title, false AS is_adjustment, {_SUMS}
    FROM ({product_sums(key="product_id", only="product_id <> 0")}) sums
    UNION ALL
    SELECT NULL, custom_title, bool_and(is_adjustment), {_ADDED}
    FROM ({_CUSTOM}) custom GROUP BY custom_title"""
_SOLD_VARIANTS = f"""
    SELECT product_id, nullif(variant_id, 0) AS variant_id, NULL AS custom_title, false AS is_adjustment, {_SUMS}
    FROM ({product_sums(only="product_id <> 0")}) sums
    UNION ALL
    SELECT NULL, variant_id, custom_title, is_adjustment, {_SUMS} FROM ({_CUSTOM}) custom"""
_IS_PRICED = f"(SELECT {f.CURRENCY} = {f.STORE_CURRENCY})"
"""Whether the figures are in the currency of the catalogue's prices, which is the store's current one."""
_TITLE = f"""
        coalesce((SELECT max(l.title) {sold_lines("sold")}),
                 CASE WHEN sold.is_adjustment THEN 'Refund adjustments' ELSE 'Unknown product' END)"""
"""The title of goods that the catalogue does not have."""
_VARIANT_TITLE, _SKU = (
    f"""CASE WHEN c.variant_id IS NULL THEN (SELECT max(l.{column}) {sold_lines("sold", "variant_id")}) END"""
    for column in ("variant_title", "sku")
)
"""Of a variant that the catalogue does not have; looked up for no other."""

SORTED = {
    ProductKey.TITLE: by_text("title"),
    ProductKey.NET_SALES: "net_sales {}",
    ProductKey.UNITS_SOLD: "units_sold {}",
    ProductKey.UNITS_RETURNED: "units_returned {}",
    ProductKey.GROSS_SALES: "gross_sales {}",
    ProductKey.DISCOUNTS: "discounts {}",
    ProductKey.RETURNS: "returns {}",
    ProductKey.STOCK: nullable("stock"),
    ProductKey.VENDOR: by_text("vendor"),
    ProductKey.PRODUCT_TYPE: by_text("product_type"),
}
_PRODUCTS_SORTED = SORTED | {ProductKey.PRICE: nullable("lowest_price"), ProductKey.SKU: by_text("title")}
_VARIANTS_SORTED = SORTED | {ProductKey.PRICE: nullable("price"), ProductKey.SKU: by_text("sku")}
_FOUND_GOODS = "WHERE CAST(:goods AS text) = 'all' OR (product_id IS NULL) = (CAST(:goods AS text) = 'others')"


def products_statement(sort: Sort[ProductKey] = BEST_FIRST) -> str:
    """The SQL of `sales_by_product`. A list without SKUs is sorted by title in their place."""
    order = order_by(_PRODUCTS_SORTED, sort, "net_sales DESC, title, product_id")
    return f"SELECT * FROM ({BY_PRODUCT}) found {_FOUND_GOODS} {order} LIMIT :limit OFFSET :offset"


def variants_statement(sort: Sort[ProductKey] = BEST_FIRST) -> str:
    """The SQL of `sales_by_variant`."""
    order = order_by(_VARIANTS_SORTED, sort, "net_sales DESC, title, variant_id, product_id")
    return f"SELECT * FROM ({BY_VARIANT}) found {_FOUND_GOODS} {order} LIMIT :limit OFFSET :offset"


def _count(rows: str) -> str:
    return f"""
SELECT count(product_id) AS products, count(*) - count(product_id) AS others,
       coalesce(sum(net_sales) FILTER (WHERE product_id IS NULL), 0) AS others_net_sales
FROM ({rows}) found"""


# A full join, because a product may be unsold, or sold and then deleted from the catalogue.
BY_PRODUCT = f"""
WITH sold AS MATERIALIZED ({_SOLD_PRODUCTS}), catalogue AS (
    SELECT p.product_id, p.title, nullif(p.vendor, '') AS vendor, nullif(p.product_type, '') AS product_type,
           p.deleted_at, v.lowest_price, v.highest_price, v.stock
    FROM products p
    LEFT JOIN (
        SELECT v.product_id, min(v.price) AS lowest_price, max(v.price) AS highest_price,
               sum(v.inventory_quantity)::bigint AS stock
        FROM variants v WHERE {f.of_store("v")} GROUP BY v.product_id
    ) v USING (product_id)
    WHERE {f.of_store("p")}
)
SELECT coalesce(sold.product_id, c.product_id) AS product_id,
    coalesce(c.title, sold.custom_title, {_TITLE}) AS title, c.vendor, c.product_type, {_MEASURED},
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.lowest_price END AS lowest_price,
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.highest_price END AS highest_price,
    CASE WHEN c.deleted_at IS NULL THEN c.stock END AS stock
FROM sold FULL JOIN catalogue c ON c.product_id = sold.product_id
WHERE (sold.net_sales IS NOT NULL OR c.deleted_at IS NULL)
  AND (:search = '%' OR lower(coalesce(c.title, sold.custom_title, {_TITLE})) LIKE :search
       OR lower(c.vendor) LIKE :search OR lower(c.product_type) LIKE :search
       OR EXISTS (SELECT FROM variants v WHERE {f.of_store("v")} AND v.product_id = c.product_id
                  AND lower(v.sku) LIKE :search))
"""

BY_VARIANT = f"""
WITH sold AS MATERIALIZED ({_SOLD_VARIANTS}), catalogue AS (
    SELECT p.product_id, v.variant_id, p.title, v.title AS variant, v.sku, v.price, v.inventory_quantity AS stock,
           p.vendor, p.product_type, p.deleted_at
    FROM products p
    JOIN variants v ON {f.of_store("v")} AND v.product_id = p.product_id
    WHERE {f.of_store("p")}
)
SELECT coalesce(sold.product_id, c.product_id) AS product_id,
    coalesce(sold.variant_id, c.variant_id) AS variant_id,
    coalesce(c.title, sold.custom_title, p.title, {_TITLE}) AS title,
    coalesce(c.variant, {_VARIANT_TITLE}) AS variant, coalesce(c.sku, {_SKU}) AS sku,
    nullif(coalesce(c.vendor, p.vendor), '') AS vendor,
    nullif(coalesce(c.product_type, p.product_type), '') AS product_type, {_MEASURED},
    CASE WHEN c.deleted_at IS NULL AND {_IS_PRICED} THEN c.price END AS price,
    CASE WHEN c.deleted_at IS NULL THEN c.stock END AS stock
FROM sold FULL JOIN catalogue c ON c.variant_id = sold.variant_id
LEFT JOIN products p ON c.variant_id IS NULL AND {f.of_store("p")} AND p.product_id = sold.product_id
WHERE (sold.net_sales IS NOT NULL OR c.deleted_at IS NULL)
  AND (:search = '%' OR lower(coalesce(c.title, sold.custom_title, p.title, {_TITLE})) LIKE :search
       OR lower(coalesce(c.variant, {_VARIANT_TITLE})) LIKE :search OR lower(coalesce(c.sku, {_SKU})) LIKE :search
       OR lower(coalesce(c.vendor, p.vendor)) LIKE :search
       OR lower(coalesce(c.product_type, p.product_type)) LIKE :search)
"""


def _all(sold: str, catalogue: str, key: str) -> str:
    """The rows of a list without a search, for a count: no title is looked up."""
    return f"""
WITH sold AS MATERIALIZED ({sold}
), catalogue AS ({catalogue})
SELECT coalesce(sold.product_id, c.product_id) AS product_id, sold.net_sales
FROM sold FULL JOIN catalogue c ON c.{key} = sold.{key}
WHERE sold.net_sales IS NOT NULL OR c.deleted_at IS NULL"""


_ALL_PRODUCTS = f"SELECT p.product_id, p.deleted_at FROM products p WHERE {f.of_store('p')}"
_ALL_VARIANTS = f"""
    SELECT v.product_id, v.variant_id, p.deleted_at
    FROM variants v JOIN products p ON {f.of_store("p")} AND p.product_id = v.product_id WHERE {f.of_store("v")}"""

_COUNT_PRODUCTS, _COUNT_VARIANTS = text(_count(BY_PRODUCT)), text(_count(BY_VARIANT))
_COUNT_ALL_PRODUCTS = text(_count(_all(_SOLD_PRODUCTS, _ALL_PRODUCTS, "product_id")))
_COUNT_ALL_VARIANTS = text(_count(_all(_SOLD_VARIANTS, _ALL_VARIANTS, "variant_id")))
