"""Sums of discounts by the day on which their orders were placed, kept or from the rows.

A day is kept or stale. Triggers mark a day as stale, and `core.rollups.discounts` recomputes it within minutes: a
return, a further order of the customer or an entered unit cost changes the sums of a day that is long past.
"""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.money.unit_cost import cost_of_sale

REPEAT_DAYS = 90
MEASURES = (
    *("orders", "discount_given", "net_sales", "placed_value", "value_with_cost", "cost_of_goods"),
    *("orders_new", "orders_repeated"),
)
"""`orders_repeated` were followed by another order of the customer within `REPEAT_DAYS`."""

_GIVEN = "sum(d.off_goods + d.off_shipping) AS given"
_PLACED = f"""
    SELECT coalesce(sum(s.net), 0) AS value,
           coalesce(sum(s.net) FILTER (WHERE cost.unit IS NOT NULL), 0) AS with_cost,
           coalesce(sum(s.quantity * cost.unit), 0) AS cost
    FROM sales s {cost_of_sale("s", "s.happened_at", "s.business_date")}
    WHERE {f.SALES_OF_STORE} AND s.order_id = used.order_id AND s.line_type = 'product' AND s.reason = 'order'"""


def days_of(discounts: str) -> str:
    """Sum the discounts `d` that match a condition, by currency, day, kind and label as typed.

    The rows without kind and label are of all orders with any discount. Spellings of one code in one order are one.
    """
    return f"""
    SELECT used.currency, used.business_date, used.kind, used.label, count(*) AS orders,
           sum(used.given) AS discount_given, coalesce(sum(k.net_sales), 0) AS net_sales,
           sum(placed.value) AS placed_value, sum(placed.with_cost) AS value_with_cost,
           sum(placed.cost) AS cost_of_goods, count(*) FILTER (WHERE k.number = 1) AS orders_new,
           count(*) FILTER (WHERE k.next_date <= k.business_date + {REPEAT_DAYS}) AS orders_repeated
    FROM (
        SELECT d.order_id, d.currency, d.business_date, d.kind, min(d.label) AS label, {_GIVEN}
        FROM order_discounts d WHERE {discounts} GROUP BY 1, 2, 3, 4, lower(d.label)
        UNION ALL
        SELECT d.order_id, d.currency, d.business_date, '', '', {_GIVEN}
        FROM order_discounts d WHERE {discounts} GROUP BY 1, 2, 3
    ) used
    CROSS JOIN LATERAL ({_PLACED}) placed
    LEFT JOIN customer_orders k ON {f.of_store("k")} AND k.order_id = used.order_id
    GROUP BY 1, 2, 3, 4"""


_LIVE_DAYS = f"""(ARRAY(
        SELECT m.business_date FROM stale_discount_days m
        WHERE {f.of_store("m")} AND m.business_date BETWEEN :start AND :end
        UNION
        SELECT {f.day_of_cut()} WHERE CAST(:until AS timestamptz) IS NOT NULL))"""
_LIVE = f"""{f.of_store("d")} AND d.currency = {f.CURRENCY} AND d.business_date BETWEEN :start AND :end
          AND d.business_date = ANY({_LIVE_DAYS})
          AND (CAST(:until AS timestamptz) IS NULL OR d.placed_at < :until)"""
PARTS = f"""
    SELECT business_date, kind, label, {", ".join(MEASURES)} FROM discount_days k
    WHERE {f.of_store("k")} AND k.currency = {f.CURRENCY} AND k.business_date BETWEEN :start AND :end
      AND k.business_date <> ALL({_LIVE_DAYS})
      AND (CAST(:until AS timestamptz) IS NULL OR k.business_date < {f.day_of_cut()})
    UNION ALL
    SELECT business_date, kind, label, {", ".join(MEASURES)} FROM ({days_of(_LIVE)}) live"""
"""The sums of the period's days."""
