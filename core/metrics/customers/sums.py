"""Net sales of customers in a period, from kept sums: no page reads the ledger of a loyal customer.

An order's net sales to date are kept (`customer_orders`). Net sales *dated* in a period are those of its orders, but
for rows of the ledger that happened on the other side of a border of the period (`MOVED`): few.
"""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.orders.period_nets import LATER_NET, orders_in_period
from core.metrics.returns import later_sales

OF_CURRENCY = f"{f.of_store('k')} AND k.currency = {f.CURRENCY}"
IN_PERIOD = orders_in_period()
_WHOLE = f"""date_trunc('month', CAST({f.last_whole_day()} AS timestamp) + interval '1 day')"""
_FIRST_WHOLE = "date_trunc('month', CAST(:start AS timestamp) + interval '1 month' - interval '1 day')"
_MONTHS = f"""(SELECT CAST({_FIRST_WHOLE} AS date)) AND (SELECT CAST({_WHOLE} - interval '1 month' AS date))"""


def placed_by(customer_key: str) -> str:
    """Sum the orders of a customer in the period: whole months from kept sums, the days beside them from orders."""
    return f"""
                SELECT sum(orders)::bigint AS orders, sum(net) AS net FROM (
                    SELECT m.orders, m.net_sales AS net FROM customer_sales_by_month m
                    WHERE {f.of_store("m")} AND m.currency = {f.CURRENCY} AND m.customer_key = {customer_key}
                      AND m.month BETWEEN {_MONTHS}
                    UNION ALL
                    SELECT 1, k.net_sales FROM customer_orders k
                    WHERE {IN_PERIOD} AND k.customer_key = {customer_key}
                      AND k.business_date < (SELECT least(CAST({_FIRST_WHOLE} AS date), CAST({_WHOLE} AS date)))
                    UNION ALL
                    SELECT 1, k.net_sales FROM customer_orders k
                    WHERE {IN_PERIOD} AND k.customer_key = {customer_key}
                      AND k.business_date >= (SELECT CAST({_WHOLE} AS date))
                ) parts"""


MOVED = f"""moved AS MATERIALIZED (
            SELECT k.customer_key, sum(m.net) AS net
            FROM (
                SELECT l.order_id, {LATER_NET} AS net FROM {later_sales.LATER} l
                WHERE {later_sales.dated()} AND l.kind <> 'refunded'
                  AND (l.placed_on NOT BETWEEN :start AND :end OR l.placed_at >= CAST(:until AS timestamptz))
                UNION ALL
                SELECT l.order_id, -{LATER_NET} FROM {later_sales.LATER} l
                WHERE NOT :is_open AND {later_sales.placed()} AND l.kind <> 'refunded'
                  AND (l.happened_on NOT BETWEEN :start AND :end OR l.happened_at >= CAST(:until AS timestamptz))
            ) m, LATERAL (
                SELECT k.customer_key FROM customer_orders k
                WHERE {f.of_store("k")} AND k.order_id = m.order_id OFFSET 0
            ) k
            GROUP BY 1
        )"""
"""By customer, the rows dated in the period of orders placed outside it, less those the other way round.

OFFSET 0 keeps the look-up by key: the planner expects more rows than there are."""
