"""How do products change? Each product or variant beside an earlier period, with its rates and its class.

It widens the statements of `products`: rows, titles and search are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.changes import Change, change
from core.metrics.products import listing as products
from core.metrics.products.listing import Goods, ProductSales, VariantSales
from core.metrics.products.sums import product_sums
from core.metrics.scope import Scope, period_parameters
from core.metrics.sorting import Sort, by_text, nullable, order_by

CLASS_DAYS = 28
"""Complete days whose net sales decide on a product's class."""


class ListKey(StrEnum):
    """What the lists of products and variants can be sorted by."""

    TITLE = "title"
    NET_SALES = "net_sales"
    CHANGE = "change"
    UNITS_SOLD = "units_sold"
    UNITS_RETURNED = "units_returned"
    RETURN_RATE = "return_rate"
    DISCOUNT_RATE = "discount_rate"
    CLASS = "class"
    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    STOCK = "stock"
    PRICE = "price"
    VENDOR = "vendor"
    PRODUCT_TYPE = "type"
    SKU = "sku"


BEST_FIRST = Sort(ListKey.NET_SALES, is_descending=True)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the sales of a row. `earlier_net_sales` is None without a compared period.

    `abc` is the class of the product: A for those that bring the first 80 % of net sales of the last 28 complete
    days, B for the next 15 %, C for the rest; None for goods without a product. Rates are fractions of gross sales,
    None without sales.
    """

    earlier_net_sales: Decimal | None
    return_rate: Decimal | None
    discount_rate: Decimal | None
    abc: str | None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the list."""

    sales: ProductSales
    beside: Beside

    @property
    def change(self) -> Change:
        """The growth of its net sales; empty without a compared period."""
        return change(self.sales.net_sales, self.beside.earlier_net_sales)


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant in the list."""

    sales: VariantSales
    beside: Beside

    @property
    def change(self) -> Change:
        """The growth of its net sales; empty without a compared period."""
        return change(self.sales.net_sales, self.beside.earlier_net_sales)


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a list to answer with: of this period, beside `compared`, with classes as of `today`."""

    period: Period
    compared: Period | None
    today: date
    search: str = ""
    goods: Goods = Goods.ALL
    sort: Sort[ListKey] = BEST_FIRST
    limit: int | None = None
    offset: int = 0


def product_rows(session: Session, scope: Scope, question: Question) -> tuple[ProductRow, ...]:
    """List every product sold or in the catalogue, as `products.sales_by_product` does."""
    rows = session.execute(text(product_rows_statement(question.sort)), _parameters(scope, question)).mappings()
    return tuple(ProductRow(_part(ProductSales, row), _part(Beside, row)) for row in rows)


def variant_rows(session: Session, scope: Scope, question: Question) -> tuple[VariantRow, ...]:
    """List every variant, as `products.sales_by_variant` does."""
    rows = session.execute(text(variant_rows_statement(question.sort)), _parameters(scope, question)).mappings()
    return tuple(VariantRow(_part(VariantSales, row), _part(Beside, row)) for row in rows)


def trends(
    session: Session, scope: Scope, period: Period, points: Sequence[datetime], product_ids: Sequence[int]
) -> dict[int, tuple[Decimal, ...]]:
    """Return the net sales of these products by points; a product without sales has zeros."""
    parameters = {**scope.within(period), "points": list(points), "product_ids": list(product_ids)}
    series = {product_id: [Decimal(0)] * len(points) for product_id in product_ids}
    for product_id, point, net_sales in session.execute(_TRENDS, parameters):
        series[product_id][point] = net_sales
    return {product_id: tuple(values) for product_id, values in series.items()}


def class_parameters(today: date) -> dict[str, date]:
    """The parameters of the days that decide on classes: the complete ones before `today`."""
    return {"class_start": today - timedelta(days=CLASS_DAYS), "class_end": today - timedelta(days=1)}


def compared_parameters(compared: Period | None) -> dict[str, object]:
    """The parameters of the compared period; without one, those of a period without days."""
    if compared is None:
        days: dict[str, object] = {"compared_start": date.max, "compared_end": date.min}
        return days | {"compared_until": None, "compared_last_whole_day": date.min, "is_compared": False}
    return period_parameters(compared, "compared_") | {"is_compared": True}


T = TypeVar("T")


def _part(kind: type[T], row: Mapping[Any, Any]) -> T:
    return kind(**{one.name: row[one.name] for one in fields(kind)})  # type: ignore[arg-type]


def _parameters(scope: Scope, question: Question) -> dict[str, object]:
    return {
        **scope.within(question.period),
        **compared_parameters(question.compared),
        **class_parameters(question.today),
        "search": f.containing(question.search),
        "goods": question.goods.value,
        "limit": question.limit,
        "offset": question.offset,
    }


COUNTED_RECENT = f"""
    SELECT k.currency, k.product_id, k.variant_id, sum(k.units_sold)::bigint AS units, sum(k.net_sales) AS net_sales
    FROM product_sales_by_day k
    WHERE {f.of_store("k")} AND k.business_date BETWEEN :class_start AND :class_end AND k.product_id <> 0
    GROUP BY k.currency, k.product_id, k.variant_id"""
"""The sales of the days that decide on classes, by currency and variant, from the sums of each day."""
RECENT = f"""
    SELECT k.currency, k.product_id, k.variant_id, k.units, k.net_sales FROM recent_sales k
    WHERE {f.of_store("k")} AND {{is_counted}}
    UNION ALL SELECT * FROM ({COUNTED_RECENT}) summed WHERE NOT {{is_counted}}""".replace(
    "{is_counted}",
    f'(SELECT EXISTS (SELECT FROM basket_builds b WHERE {f.of_store("b")} AND b."end" = :class_end))',
)
"""As `COUNTED_RECENT`, from the count of the last night where that is of the same days.

At 3,000 variants, four weeks of daily sums are 40,000 rows, which no page waits for. A change of a past day counts
from the next night.
"""


def classes(recent: str) -> str:
    """Build the SELECT of the class of each product with net sales among the rows of `recent`.

    The product that crosses 80 % is still an A.
    """
    return f"""
    SELECT product_id, CASE WHEN better < 0.8 * whole THEN 'A' WHEN better < 0.95 * whole THEN 'B' ELSE 'C' END AS abc
    FROM (
        SELECT product_id, sum(net_sales) OVER () AS whole,
               sum(net_sales) OVER (ORDER BY net_sales DESC, product_id) - net_sales AS better
        FROM (
            SELECT product_id, sum(net_sales) AS net_sales FROM {recent} recent
            WHERE currency = {f.CURRENCY} GROUP BY product_id
        ) by_product
        WHERE net_sales > 0
    ) ranked"""


def _widened(rows: str, key: str) -> str:
    """Rows of a list with their earlier sales, rates and class; `key` names what identifies a row."""
    own = "earlier.part = listed." + key
    return f"""
WITH listed AS ({rows}), earlier AS (
    SELECT {key} AS part, net_sales FROM ({product_sums("compared_", key, f"{key} <> 0")}) sums
), classes AS ({classes(f"({RECENT})")})
SELECT listed.*,
       CASE WHEN :is_compared AND listed.{key} IS NOT NULL THEN coalesce(earlier.net_sales, 0) END
           AS earlier_net_sales,
       listed.returns / nullif(listed.gross_sales, 0) AS return_rate,
       listed.discounts / nullif(listed.gross_sales, 0) AS discount_rate,
       CASE WHEN listed.product_id IS NOT NULL THEN coalesce(classes.abc, 'C') END AS abc
FROM listed
LEFT JOIN earlier ON {own}
LEFT JOIN classes ON classes.product_id = listed.product_id
WHERE CAST(:goods AS text) = 'all' OR (listed.product_id IS NULL) = (CAST(:goods AS text) = 'others')"""


_SORTED = {ListKey(key): columns for key, columns in products.SORTED.items()} | {
    ListKey.CHANGE: nullable("(net_sales - earlier_net_sales)"),
    ListKey.RETURN_RATE: nullable("return_rate"),
    ListKey.DISCOUNT_RATE: nullable("discount_rate"),
    ListKey.CLASS: nullable("abc"),
}
_PRODUCTS_SORTED = _SORTED | {ListKey.PRICE: nullable("lowest_price"), ListKey.SKU: by_text("title")}
_VARIANTS_SORTED = _SORTED | {ListKey.PRICE: nullable("price"), ListKey.SKU: by_text("sku")}


_PAGE = "LIMIT :limit OFFSET :offset"


def product_rows_statement(sort: Sort[ListKey] = BEST_FIRST) -> str:
    """The SQL of `product_rows`."""
    order = order_by(_PRODUCTS_SORTED, sort, "net_sales DESC, title, product_id")
    return (
        f"SELECT * FROM ({_widened(products.BY_PRODUCT, 'product_id')}) widened {order} LIMIT :limit OFFSET :offset"
    )


def variant_rows_statement(sort: Sort[ListKey] = BEST_FIRST) -> str:
    """The SQL of `variant_rows`."""
    order = order_by(_VARIANTS_SORTED, sort, "net_sales DESC, title, variant_id, product_id")
    return (
        f"SELECT * FROM ({_widened(products.BY_VARIANT, 'variant_id')}) widened {order} LIMIT :limit OFFSET :offset"
    )


_BY_ROW = f"(SELECT CASE WHEN :start = :end THEN CAST(:start AS date) ELSE {f.last_whole_day()} + 1 END)"
"""The first day whose ledger rows are read one by one: points of a single day are hours."""

_TRENDS = text(f"""
SELECT product_id, point, sum(net_sales) AS net_sales
FROM (
    SELECT k.product_id, {f.point_of_day("k.business_date")} AS point, k.net_sales
    FROM product_sales_by_day k
    WHERE {f.of_store("k")} AND k.product_id = ANY(CAST(:product_ids AS bigint[])) AND k.currency = {f.CURRENCY}
      AND k.business_date >= :start AND k.business_date < {_BY_ROW} AND k.business_date <= :end
    UNION ALL
    SELECT s.product_id, {f.point("s.happened_at")}, s.net FROM sales s
    WHERE {f.SALES_IN_PERIOD} AND s.business_date >= {_BY_ROW} AND s.line_type = 'product'
      AND s.product_id = ANY(CAST(:product_ids AS bigint[]))
) dated
GROUP BY 1, 2
""")
