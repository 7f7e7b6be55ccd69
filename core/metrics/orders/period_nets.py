"""What did each order add to net sales of a period? From kept sums, without the rows of its lines.

An order's net sales to date are kept (`customer_orders`). Net sales dated in a period are those of the orders placed
in it, but for later rows: some were placed in the period and happened outside of it, others the other way round.
"""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.returns.later_sales import LATER, dated, placed

LATER_NET = f"""CASE WHEN l.kind = 'returned' THEN -l.returned ELSE (
    SELECT s.net FROM sales s WHERE {f.SALES_OF_STORE} AND s.order_id = l.order_id AND s.sale_no = l.number) END"""
"""The net sales of a later row `l` of returned or added goods."""


def orders_in_period(prefix: str = "") -> str:
    """Select kept orders `k` placed in the period, in the currency of the figures."""
    return f"""{f.of_store("k")} AND k.currency = {f.CURRENCY}
    AND k.business_date BETWEEN :{prefix}start AND :{prefix}end
    AND (CAST(:{prefix}until AS timestamptz) IS NULL OR k.processed_at < :{prefix}until)"""


def net_by_order(prefix: str = "") -> str:
    """Select `order_id` and `amount`, whose sum is what the order added; `prefix` begins the period's parameters."""
    is_dated, is_placed = f"({dated(prefix)})", f"({placed(prefix)})"
    return f"""
        SELECT k.order_id, k.net_sales AS amount FROM customer_orders k WHERE {orders_in_period(prefix)}
        UNION ALL
        SELECT l.order_id, CASE WHEN {is_dated} THEN 1 ELSE -1 END * {LATER_NET} FROM {LATER} l
        WHERE {f.of_store("l")} AND l.kind <> 'refunded' AND {is_dated} <> {is_placed}
          AND (l.happened_on BETWEEN :{prefix}start AND :{prefix}end
               OR l.placed_on BETWEEN :{prefix}start AND :{prefix}end)"""


def crossing_rows(prefix: str = "") -> str:
    """Select later rows `l` whose order's net sales to date are not what it added: `amount` is the difference.

    It is incomplete for an order with added goods: see `crossing_net`. Each half reads an index that has its columns.
    """
    is_dated, is_placed = f"({dated(prefix)})", f"({placed(prefix)})"
    return f"""
        SELECT l.order_id, l.kind = 'added' AS is_incomplete, -l.returned AS amount FROM {LATER} l
        WHERE {is_dated} AND l.kind <> 'refunded' AND NOT {is_placed}
        UNION ALL
        SELECT l.order_id, l.kind = 'added', l.returned FROM {LATER} l
        WHERE {is_placed} AND l.kind <> 'refunded' AND NOT {is_dated}"""


def crossing_net(order_id: str, prefix: str = "") -> str:
    """Sum up an order's `crossing_rows`, with goods that were added; 0 without any."""
    is_dated, is_placed = f"({dated(prefix)})", f"({placed(prefix)})"
    return f"""(
        SELECT coalesce(sum(CASE WHEN {is_dated} THEN 1 ELSE -1 END * {LATER_NET}), 0) FROM {LATER} l
        WHERE {f.of_store("l")} AND l.order_id = {order_id} AND l.kind <> 'refunded' AND {is_dated} <> {is_placed})"""
