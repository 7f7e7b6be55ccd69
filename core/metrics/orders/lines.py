"""What was on the orders? Each line of the orders of a period, with its part of their sales to date.

Shipping, tips, duties, fees and adjustments are lines of their own, so that the lines add up to the orders.
"""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.orders.listing import FOUND_FOR_FILE

ORDER_LINES = f"""
SELECT o.order_id, o.name, o.processed_at, l.line_type, i.title, i.variant_title AS variant, i.sku, i.vendor,
       coalesce(i.product_id, l.product_id) AS product_id, coalesce(i.variant_id, l.variant_id) AS variant_id,
       i.unit_price, l.units_sold, l.units_returned, l.gross_sales, l.discounts, l.returns, l.net_sales,
       l.charged, l.taxes, o.currency, o.financial_status, o.fulfillment_status, o.cancelled_at
FROM ({FOUND_FOR_FILE}) o
LEFT JOIN LATERAL (
    SELECT s.line_type, s.line_item_id, max(s.product_id) AS product_id, max(s.variant_id) AS variant_id,
           {f.UNITS_SOLD} AS units_sold, {f.UNITS_RETURNED} AS units_returned, {f.GROSS_SALES} AS gross_sales,
           {f.DISCOUNTS} AS discounts, {f.RETURNS} AS returns, {f.NET_SALES} AS net_sales,
           sum(s.net) AS charged, {f.TAXES} AS taxes
    FROM sales s WHERE {f.SALES_OF_STORE} AND s.order_id = o.order_id
    GROUP BY s.line_type, s.line_item_id
) l ON true
LEFT JOIN line_items i
  ON {f.of_store("i")} AND i.order_id = o.order_id AND i.line_item_id = l.line_item_id
ORDER BY o.business_date DESC, o.processed_at DESC, o.order_id DESC, i.position, l.line_type, l.line_item_id
"""
"""The SQL of the lines, the newest order first; it reads the parameters of `listing.orders_statement`."""
