"""The SQL that orders the orders of a period by gross profit, over all rows.

The profit of each order is kept by `core.rollups.profits`, in the order of an index. Orders of stale days, and of the
day on which the period is cut, are computed from their rows. A profit is NULL if no line has a known cost.
"""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.money.unit_cost import goods

GOODS_OF_ORDER = f"""
    SELECT coalesce(sum(net_sales), 0) AS net_sales, coalesce(sum(net_sales_with_cost), 0) AS with_cost,
           CASE WHEN sum(lines_with_cost) > 0 OR coalesce(sum(lines), 0) = 0
                THEN coalesce(sum(cost_of_goods + not_restocked), 0) END AS cost_of_goods_sold
    FROM ({
    goods(
        f"{f.SALES_OF_STORE} AND s.order_id = page.order_id",
        f"{f.of_store('r')} AND r.order_id = page.order_id",
    )
}) goods"""
"""The goods of the order `page` to date, with their cost."""


def profits_of(orders: str) -> str:
    """Select the gross profit of the orders `o` from their rows, and the net sales that it is of."""
    return f"""
    SELECT page.business_date, page.order_id, page.currency,
           moved.with_cost - moved.cost_of_goods_sold AS gross_profit, moved.with_cost AS net_with_cost
    FROM (SELECT o.business_date, o.order_id, o.currency FROM orders o WHERE {orders}) page
    CROSS JOIN LATERAL ({GOODS_OF_ORDER}) moved"""


def ranked(direction: str) -> str:
    """Select a page of the period's orders by their gross profit, those without one last.

    `direction` is "ASC" or "DESC"; the parameters are those of a period, with `limit` and `offset`.
    """
    order = f"gross_profit {direction} NULLS LAST, business_date {direction}, order_id {direction}"
    kept = f"""
        SELECT order_id, gross_profit, business_date FROM order_profits k
        WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date BETWEEN :start AND :end
          AND k.business_date <> ALL({_LIVE_DAYS})
          AND (CAST(:until AS timestamptz) IS NULL OR k.business_date < {f.day_of_cut()})"""
    first = "LIMIT CAST(:limit AS bigint) + CAST(:offset AS bigint)"
    live = profits_of(f"{f.ORDERS_IN_PERIOD} AND o.business_date = ANY({_LIVE_DAYS})")
    return f"""
    SELECT order_id FROM (
        ({kept} AND gross_profit IS NOT NULL
         ORDER BY gross_profit {direction}, business_date {direction}, order_id {direction} {first})
        UNION ALL
        ({kept} AND gross_profit IS NULL ORDER BY business_date {direction}, order_id {direction} {first})
        UNION ALL
        SELECT order_id, gross_profit, business_date FROM ({live}) live
    ) ranked
    ORDER BY {order} LIMIT :limit OFFSET :offset"""


_LIVE_DAYS = f"""(ARRAY(
        SELECT m.business_date FROM stale_profit_days m
        WHERE {f.of_store("m")} AND m.business_date BETWEEN :start AND :end
        UNION
        SELECT {f.day_of_cut()} WHERE CAST(:until AS timestamptz) IS NOT NULL))"""
