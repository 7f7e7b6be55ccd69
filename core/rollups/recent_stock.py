"""Counts the days on which each variant was out of stock lately, and the units that left each location."""

# ruff: noqa: S608  # The parts are of `formulas`, all values are parameters.

from __future__ import annotations

from sqlalchemy import text

from core.metrics import formulas as f

# A day's stock is that of its first reading. Where Shopify does not count the stock of a location, nothing is known
# of the day, which counts as one in stock.
RECENT_STOCK = text(f"""
INSERT INTO recent_stock (tenant_id, store_id, variant_id, location_id, days_out, units_left)
WITH days AS MATERIALIZED (
    SELECT d.business_date, v.product_id, v.variant_id, d.location_id, d.available,
           lead(d.available) OVER following AS next_available, lead(d.business_date) OVER following AS next_date
    FROM stock_by_day d
    JOIN variants v ON {f.of_store("v")} AND v.inventory_item_id = d.inventory_item_id
    WHERE {f.of_store("d")} AND d.business_date BETWEEN :class_start AND CAST(:class_end AS date) + 1
    WINDOW following AS (PARTITION BY v.variant_id, d.location_id ORDER BY d.business_date)
), at_location AS (
    SELECT variant_id, location_id, count(*) FILTER (WHERE available <= 0) AS days_out,
           coalesce(sum(available - greatest(next_available, 0)) FILTER (
               WHERE next_date = business_date + 1 AND available > 0 AND next_available < available
           ), 0)::bigint AS units_left
    FROM days WHERE business_date <= :class_end
    GROUP BY variant_id, location_id
), empty AS (
    SELECT variant_id, count(*) AS days_out
    FROM (
        SELECT variant_id, max(product_id) AS product_id, business_date
        FROM days WHERE business_date <= :class_end
        GROUP BY variant_id, business_date
        HAVING bool_and(coalesce(available <= 0, false))
    ) out_of_stock
    WHERE NOT EXISTS (
        SELECT FROM product_sales_by_day k
        WHERE {f.of_store("k")} AND k.product_id = out_of_stock.product_id AND k.variant_id = out_of_stock.variant_id
          AND k.business_date = out_of_stock.business_date AND k.units_sold > 0)
    GROUP BY variant_id
)
SELECT :tenant_id, :store_id, variant_id, location_id, days_out, units_left FROM at_location
UNION ALL
SELECT :tenant_id, :store_id, variant_id, 0, coalesce(max(empty.days_out), 0), sum(at_location.units_left)::bigint
FROM at_location LEFT JOIN empty USING (variant_id)
GROUP BY variant_id
""")
