"""What did each product earn? The products sold in a period, with their cost and gross profit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.money import sums as money_sums
from core.metrics.money.profit_days import goods_of_period
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, by_text, nullable, order_by


class EarningKey(StrEnum):
    """What the list can be sorted by."""

    TITLE = "title"
    NET_SALES = "net_sales"
    UNITS = "units"
    COST = "cost"
    GROSS_PROFIT = "gross_profit"
    GROSS_MARGIN = "gross_margin"
    COVERAGE = "coverage"


MOST_EARNED_FIRST = Sort(EarningKey.GROSS_PROFIT, is_descending=True)


@dataclass(frozen=True, slots=True)
class ProductProfit:
    """A product's figures, net of returns. `product_id` is None for everything that has no product.

    `cost_of_goods_sold`, `gross_profit` and `gross_margin` are of the sales whose cost is known; None if none is.
    `cost_coverage` is their share of net sales; None without net sales.
    """

    product_id: int | None
    title: str
    units: int
    net_sales: Decimal
    cost_of_goods_sold: Decimal | None
    gross_profit: Decimal | None
    gross_margin: Decimal | None
    cost_coverage: Decimal | None


def profit_by_product(
    session: Session,
    scope: Scope,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    sort: Sort[EarningKey] = MOST_EARNED_FIRST,
) -> tuple[ProductProfit, ...]:
    """List the products sold or returned in the period. Their sums are those of `profit`."""
    parameters = {**_narrowed(scope, period, search), "limit": limit, "offset": offset}
    rows = money_sums.ask(session, earnings_statement(sort), parameters)
    return tuple(ProductProfit(**row) for row in rows)


def count_earnings(session: Session, scope: Scope, period: Period, search: str = "") -> int:
    """Count the rows of `profit_by_product` without a limit."""
    return int(money_sums.ask(session, _COUNT, _narrowed(scope, period, search)).one()["count"])


def _narrowed(scope: Scope, period: Period, search: str) -> dict[str, object]:
    return {**scope.within(period), "search": f.containing(search)}


def earnings_statement(sort: Sort[EarningKey] = MOST_EARNED_FIRST) -> str:
    """The SQL of `profit_by_product`."""
    order = order_by(_SORTED, sort, "net_sales DESC, title, product_id")
    return f"SELECT * FROM ({_EARNINGS}) found {order} LIMIT :limit OFFSET :offset"


_SORTED = {
    EarningKey.TITLE: by_text("title"),
    EarningKey.NET_SALES: "net_sales {}",
    EarningKey.UNITS: "units {}",
    EarningKey.COST: nullable("cost_of_goods_sold"),
    EarningKey.GROSS_PROFIT: nullable("gross_profit"),
    EarningKey.GROSS_MARGIN: nullable("gross_margin"),
    EarningKey.COVERAGE: nullable("cost_coverage"),
}
# The title of a product that is not in the catalogue is that of one of its lines.
_EARNINGS = f"""
WITH moved AS (
    SELECT product_id, sum(units)::bigint AS units, sum(net_sales) AS net_sales,
           sum(net_sales_with_cost) AS with_cost, sum(cost_of_goods + not_restocked) AS cost,
           sum(lines) AS lines, sum(lines_with_cost) AS lines_with_cost, max(an_order) AS an_order
    FROM ({goods_of_period()}) goods
    GROUP BY product_id
), earned AS (
    SELECT product_id, an_order, units, net_sales, with_cost,
           CASE WHEN lines_with_cost > 0 OR cost <> 0 THEN cost END AS cost_of_goods_sold
    FROM moved
)
SELECT e.product_id, coalesce(p.title, sold.title, 'Without a product') AS title, e.units, e.net_sales,
       e.cost_of_goods_sold, e.with_cost - e.cost_of_goods_sold AS gross_profit,
       (e.with_cost - e.cost_of_goods_sold) / nullif(e.with_cost, 0) AS gross_margin,
       e.with_cost / nullif(e.net_sales, 0) AS cost_coverage
FROM earned e
LEFT JOIN products p ON {f.of_store("p")} AND p.product_id = e.product_id
LEFT JOIN LATERAL (
    SELECT max(l.title) AS title FROM line_items l
    WHERE p.product_id IS NULL AND {f.of_store("l")} AND l.order_id = e.an_order AND l.product_id = e.product_id
) sold ON true
WHERE :search = '%' OR lower(coalesce(p.title, sold.title)) LIKE :search
"""
_COUNT = f"SELECT count(*) FROM ({_EARNINGS}) found"
