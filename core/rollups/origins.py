"""What is kept of the origin of sales, as the ledger and its orders come to."""

# ruff: noqa: S608  # The names are of this file, all values are parameters.

from __future__ import annotations

from core.metrics import formulas as f
from core.rollups.rollup import Rollup

ORIGIN_ROLLUPS = (
    Rollup(
        "sales_by_origin",
        ("currency", "dimension", "business_date", "value", "net_sales", "sale_rows"),
        f"""
        SELECT s.currency, part.dimension, s.business_date, part.value, {f.NET_SALES} AS net_sales,
               count(*) AS sale_rows
        FROM sales s
        JOIN orders o ON {f.of_store("o")} AND o.order_id = s.order_id
        LEFT JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = s.order_id
        CROSS JOIN LATERAL (VALUES
            ('country', coalesce(o.country, '')), ('channel', coalesce(o.source_name, '')),
            ('source', coalesce(o.visit_source, '')), ('campaign', coalesce(o.visit_campaign, '')),
            ('customer', CASE WHEN k.number = 1 THEN 'new' ELSE 'returning' END)
        ) AS part (dimension, value)
        WHERE {f.SALES_OF_STORE} AND s.line_type IN ('product', 'adjustment')
        GROUP BY 1, 2, 3, 4""",
    ),
)
