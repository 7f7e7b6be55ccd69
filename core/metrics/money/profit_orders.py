"""What did each order earn? The orders placed in a period, with all that is known of their costs to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.domain.periods import Period
from core.metrics import formulas as f
from core.metrics.money.profit_days import KNOWN_FEE, PAID, VALID
from core.metrics.money.profit_ranks import GOODS_OF_ORDER, ranked
from core.metrics.scope import Scope
from core.metrics.sorting import Sort, direction, nullable, order_by


class OrderProfitKey(StrEnum):
    """What the list can be sorted by: an index has both orders. Others would need the costs of every order first."""

    PLACED = "placed"
    GROSS_PROFIT = "gross_profit"


NEWEST_FIRST = Sort(OrderProfitKey.PLACED, is_descending=True)


@dataclass(frozen=True, slots=True)
class OrderProfit:
    """An order's figures to date, after its edits and returns.

    `gross_profit` is of the lines whose cost is known; None if none is. `contribution` is None if a part of it is
    unknown.
    """

    order_id: int
    name: str
    processed_at: datetime
    net_sales: Decimal
    cost_of_goods_sold: Decimal | None
    gross_profit: Decimal | None
    gross_margin: Decimal | None
    cost_coverage: Decimal | None
    shipping: Decimal
    payment_fees: Decimal | None
    shipping_cost: Decimal | None
    packaging: Decimal
    contribution: Decimal | None


def profit_by_order(
    session: Session,
    scope: Scope,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[OrderProfitKey] = NEWEST_FIRST,
) -> tuple[OrderProfit, ...]:
    """List the orders placed in the period, in the currency of the figures."""
    parameters = {**scope.within(period), "limit": limit, "offset": offset}
    rows = session.execute(text(order_profits_statement(sort)), parameters)
    return tuple(OrderProfit(**row) for row in rows.mappings())


def order_profit(session: Session, scope: Scope, order_id: int) -> OrderProfit | None:
    """Return the figures of one order; None where it counts in no figure in the currency."""
    rows = session.execute(_ONE_ORDER, {**scope.parameters, "order_id": order_id})
    row = rows.mappings().one_or_none()
    return OrderProfit(**row) if row else None


def order_profits_statement(sort: Sort[OrderProfitKey] = NEWEST_FIRST) -> str:
    """The SQL of `profit_by_order`: costs are computed for the orders of the page only."""
    if sort.key is OrderProfitKey.GROSS_PROFIT:
        way = direction(sort)
        of_page = f"{f.ORDERS_OF_STORE} AND o.order_id IN ({ranked(way)})"
        return f"{_profits(of_page)} {order_by(_SORTED, sort, f'business_date {way}, order_id {way}')}"
    order = order_by(_SORTED, sort, "business_date DESC, processed_at DESC, order_id DESC")
    return f"{_profits(f'{f.ORDERS_IN_PERIOD} {order} LIMIT :limit OFFSET :offset')} {order}"


def _profits(orders: str) -> str:
    return f"""
WITH page AS (
    SELECT o.order_id, o.name, o.processed_at, o.business_date, o.total, o.cancelled_at, {PAID} AS is_paid,
           {KNOWN_FEE} AS known_fee
    FROM orders o WHERE {orders}
)
SELECT page.order_id, page.name, page.processed_at, moved.net_sales, moved.cost_of_goods_sold,
       moved.with_cost - moved.cost_of_goods_sold AS gross_profit,
       (moved.with_cost - moved.cost_of_goods_sold) / nullif(moved.with_cost, 0) AS gross_margin,
       moved.with_cost / nullif(moved.net_sales, 0) AS cost_coverage, ledger.shipping,
       coalesce(page.known_fee, costs.payment_fees) AS payment_fees, costs.shipping_cost, costs.packaging,
       moved.with_cost - moved.cost_of_goods_sold + ledger.shipping - costs.shipping_cost
           - coalesce(page.known_fee, costs.payment_fees) - costs.packaging AS contribution
FROM page, LATERAL (
    {GOODS_OF_ORDER}
) moved, LATERAL (
    SELECT {f.SHIPPING} AS shipping FROM sales s WHERE {_SALES}
) ledger, LATERAL ({_COSTS}) costs
"""


_SORTED = {
    OrderProfitKey.PLACED: "business_date {}, processed_at {}",
    OrderProfitKey.GROSS_PROFIT: nullable("gross_profit"),
}
_SALES = f"{f.SALES_OF_STORE} AND s.order_id = page.order_id"
_COSTS = f"""
    SELECT sum(CASE WHEN page.is_paid THEN c.percent * page.total / 100 + c.amount ELSE 0 END)
               FILTER (WHERE c.kind = 'payment_fees') AS payment_fees,
           sum(CASE WHEN page.cancelled_at IS NULL THEN c.amount ELSE 0 END)
               FILTER (WHERE c.kind = 'shipping') AS shipping_cost,
           coalesce(sum(CASE WHEN page.cancelled_at IS NULL THEN c.amount ELSE 0 END)
               FILTER (WHERE c.kind = 'packaging'), 0) AS packaging
    FROM (SELECT page.business_date AS day) d JOIN costs c ON {VALID}"""
_ONE_ORDER = text(_profits(f"{f.ORDERS_OF_STORE} AND o.order_id = :order_id AND o.currency = {f.CURRENCY}"))
