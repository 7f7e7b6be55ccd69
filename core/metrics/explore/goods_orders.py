"""Numbers of orders by the goods that they were placed with, kept by day and span (`core.rollups.money`).

An order counts once for each of its products, once for each of its variants, and once for all of them. So the numbers
of a day's products do not add up to its orders, but the days of one product add up.
"""

from __future__ import annotations

from core.domain.periods import Grain
from core.metrics import formulas as f
from core.metrics import span_names
from core.metrics.money import sums

ALL, PRODUCT, VARIANT = "all", "product", "variant"
"""What a row counts by; of all goods, and of goods without a product or variant, `goods_id` is 0."""


def orders_by_goods(orders: str) -> str:
    """Count the orders `o` by currency, day and goods; orders without goods are not counted."""
    return f"""
    SELECT o.currency, g.goods, o.business_date, g.goods_id, count(DISTINCT o.order_id) AS orders
    FROM orders o
    JOIN sales s ON {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.reason = 'order' AND s.line_type = 'product'
    CROSS JOIN LATERAL (VALUES ('{ALL}', 0), ('{PRODUCT}', coalesce(s.product_id, 0)),
                               ('{VARIANT}', coalesce(s.variant_id, 0))) AS g (goods, goods_id)
    WHERE {orders}
    GROUP BY 1, 2, 3, 4"""


def kept_orders_by_goods(goods: str, grain: Grain | None) -> str:
    """Select the kept numbers of a period's days that are not stale, as rows `o` and `s` of orders and sales.

    `grain` is that of their business dates: days, months, or None where no date is asked for.
    """
    columns = "nullif(k.goods_id, 0) AS product_id, nullif(k.goods_id, 0) AS variant_id, k.orders"
    rows = f"SELECT k.business_date, {columns} FROM goods_order_days k WHERE k.goods = '{goods}' AND "
    if grain is Grain.DAY:
        rows += sums.kept_days()
    else:
        month = f"to_date(left(k.span, 7), '{span_names.MONTH}')" if grain is Grain.MONTH else "CAST(NULL AS date)"
        rows += f"""{sums.kept_days_beside_spans()}
            UNION ALL
            SELECT {month}, {columns} FROM goods_order_spans k
            WHERE k.goods = '{goods}' AND {sums.kept_spans(by_month=grain is Grain.MONTH)}"""
    return f"({rows}) o CROSS JOIN LATERAL (SELECT o.product_id, o.variant_id) s"


ON_LIVE_DAYS = f"o.business_date = ANY({sums.live_days()})"
"""The orders `o` of the days that are counted by row."""
