"""What did one unit of a sold line cost? The one place that answers it, in SQL.

In this order: the unit cost that Shopify had when the order was placed (it keeps that one when it changes later); the
cost that the merchant entered for the variant, valid on that day; the cost that Shopify learned since. A cost in
another currency than the sale's is no cost. An unknown cost is NULL, which is not zero: the line is in no profit.

A line that comes back gives back what it cost when it was sold, so the time is the order's, not the return's.
"""

from __future__ import annotations

from core.metrics import formulas as f


def cost_of_sale(rows: str, ordered_at: str, ordered_on: str) -> str:
    """Join `cost.unit`, the cost of one unit, to `rows`: an alias with a variant and a currency.

    `ordered_at` and `ordered_on` are the SQL of the time and the day of the order. The text follows a FROM clause.
    """
    return f"""
    LEFT JOIN variants v
      ON {f.of_store("v")} AND v.variant_id = {rows}.variant_id AND v.currency = {rows}.currency
    LEFT JOIN LATERAL (
        SELECT h.unit_cost, true AS is_known FROM former_unit_costs h
        WHERE {f.of_store("h")} AND h.variant_id = {rows}.variant_id AND h.currency = {rows}.currency
          AND h.until > {ordered_at}
        ORDER BY h.until LIMIT 1
    ) former ON true
    LEFT JOIN LATERAL (
        SELECT e.unit_cost FROM unit_costs e
        WHERE {f.of_store("e")} AND e.variant_id = {rows}.variant_id AND e.currency = {rows}.currency
          AND e.replaced_at IS NULL AND e.valid_from <= {ordered_on}
        ORDER BY e.valid_from DESC LIMIT 1
    ) entered ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN former.is_known THEN former.unit_cost ELSE v.unit_cost END,
                        entered.unit_cost, v.unit_cost) AS unit
    ) cost"""


def goods(sales: str, refunds: str) -> str:
    """Select the goods of ledger rows `s` and refunds `r` by currency, day, product and variant, with their cost.

    Net sales and units are signed. `cost_of_goods` is that of the units sold less that of the units that came back.
    `not_restocked` is the cost of units that were refunded and not put back into stock: it is lost, so it is added
    to the cost of goods sold. Without products are adjustments of refunds and custom items. `an_order` is one of the
    orders.
    """
    ordered_at = "CASE s.reason WHEN 'order' THEN s.happened_at ELSE o.processed_at END"
    ordered_on = "CASE s.reason WHEN 'order' THEN s.business_date ELSE o.business_date END"
    return f"""
    SELECT currency, business_date, product_id, variant_id, sum(net_sales) AS net_sales,
           sum(net_sales_with_cost) AS net_sales_with_cost, sum(lines)::bigint AS lines,
           sum(lines_with_cost)::bigint AS lines_with_cost, sum(units)::bigint AS units,
           sum(cost_of_goods) AS cost_of_goods, sum(not_restocked) AS not_restocked, max(order_id) AS an_order
    FROM (
        SELECT s.currency, s.business_date, s.product_id, s.variant_id, s.net AS net_sales,
               CASE WHEN cost.unit IS NULL THEN 0 ELSE s.net END AS net_sales_with_cost,
               1 AS lines, (cost.unit IS NOT NULL)::int AS lines_with_cost, s.quantity AS units,
               coalesce(s.quantity * cost.unit, 0) AS cost_of_goods, 0 AS not_restocked, s.order_id
        FROM sales s
        LEFT JOIN orders o ON s.reason <> 'order' AND {f.of_store("o")} AND o.order_id = s.order_id
        {cost_of_sale("s", ordered_at, ordered_on)}
        WHERE {sales} AND s.line_type IN ('product', 'adjustment')
        UNION ALL
        SELECT r.currency, r.business_date, l.product_id, l.variant_id, 0, 0, 0, 0, 0, 0, b.quantity * cost.unit,
               r.order_id
        FROM refunds r
        JOIN orders o ON {f.ORDERS_OF_STORE} AND o.order_id = r.order_id
        JOIN refund_lines b ON {f.of_store("b")} AND b.refund_id = r.refund_id AND b.restock_type = 'no_restock'
        JOIN line_items l
          ON {f.of_store("l")} AND l.order_id = r.order_id AND l.line_item_id = b.line_item_id
         AND NOT l.is_gift_card AND NOT l.is_tip
        {cost_of_sale("l", "o.processed_at", "o.business_date")}
        WHERE {refunds} AND cost.unit IS NOT NULL
    ) moved
    GROUP BY currency, business_date, product_id, variant_id"""
