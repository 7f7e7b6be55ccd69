"""Which variants have a cost? The variants of the catalogue, and those sold without a known cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.money import sums as money_sums
from core.metrics.money.profit_days import goods_of_period
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class CatalogueVariant:
    """A variant; `unit_cost` is Shopify's, None where it has none. `title` is that of the product and the variant."""

    variant_id: int
    title: str
    sku: str | None
    unit_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class UncostedVariant:
    """A variant that was sold in the period without a known cost. `variant_id` is None for custom items.

    `sales` counts the lines sold or returned without a known cost, `net_sales` is their sum.
    """

    variant_id: int | None
    sku: str | None
    product: str
    variant: str | None
    sales: int
    net_sales: Decimal


def catalogue_variants(
    session: Session, scope: Scope, variant_ids: Collection[int], skus: Collection[str]
) -> tuple[CatalogueVariant, ...]:
    """Return the variants of these ids or SKUs."""
    parameters = {**scope.parameters, "ids": list(variant_ids), "skus": list(skus)}
    return tuple(CatalogueVariant(**row) for row in session.execute(_CATALOGUE, parameters).mappings())


def uncosted_variants(
    session: Session, scope: Scope, period: Period, limit: int | None = None
) -> tuple[UncostedVariant, ...]:
    """List the variants sold in the period without a known cost, by net sales."""
    rows = money_sums.ask(session, UNCOSTED, {**scope.within(period), "limit": limit})
    return tuple(UncostedVariant(**{name: row[name] for name in _FIELDS}) for row in rows)


_FIELDS = ("variant_id", "sku", "product", "variant", "sales", "net_sales")
_CATALOGUE = text(f"""
SELECT v.variant_id, concat_ws(' · ', p.title, nullif(v.title, 'Default Title')) AS title, v.sku, v.unit_cost
FROM variants v
JOIN products p ON {f.of_store("p")} AND p.product_id = v.product_id
WHERE {f.of_store("v")} AND (v.variant_id = ANY(CAST(:ids AS bigint[])) OR v.sku = ANY(CAST(:skus AS text[])))
ORDER BY v.variant_id
""")

_WITHOUT_COST = "lines > lines_with_cost OR net_sales <> net_sales_with_cost"
"""The sums that add anything to those without a cost. An index has them."""
UNCOSTED = f"""
SELECT sold.variant_id, v.sku, coalesce(p.title, 'Without a product') AS product,
       nullif(v.title, 'Default Title') AS variant, sold.sales, sold.net_sales, CAST(NULL AS numeric) AS unit_cost
FROM (
    SELECT product_id, variant_id, sum(lines - lines_with_cost)::bigint AS sales,
           sum(net_sales - net_sales_with_cost) AS net_sales
    FROM ({goods_of_period(only=_WITHOUT_COST)}) goods
    GROUP BY product_id, variant_id
    HAVING sum(lines) > sum(lines_with_cost)
) sold
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = sold.product_id
LEFT JOIN variants v ON {f.of_store("v")} AND v.variant_id = sold.variant_id
ORDER BY sold.net_sales DESC, sold.variant_id
LIMIT :limit
"""
"""The rows of a file to fill in: `unit_cost` is empty."""
