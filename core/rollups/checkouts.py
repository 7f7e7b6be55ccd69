"""The sums of checkouts as their rows and the orders that end them come to."""

# ruff: noqa: S608  # The names are of this file, all values are parameters.

from __future__ import annotations

from core.domain.checkouts import DELAYS
from core.metrics import formulas as f
from core.metrics.checkouts.report import BY_CHECKOUT, LIVE
from core.rollups.rollup import Rollup

_STEPS = ", ".join(f"interval '{delay.total_seconds():.0f} seconds'" for delay in DELAYS)
_WITH_ORDERS = f"""
    SELECT c.checkout_id, c.currency, c.business_date, c.created_at, c.completed_at, c.total,
           o.order_id, o.created_at AS ordered_at, o.business_date AS order_date, o.currency AS order_currency, (
               SELECT coalesce(sum(s.net), 0) FROM sales s
               WHERE {f.SALES_OF_STORE} AND s.order_id = o.order_id AND s.currency = c.currency
                 AND s.line_type IN ('product', 'adjustment') AND o.order_id IS NOT NULL
           ) AS net
    FROM checkouts c
    LEFT JOIN (
        SELECT DISTINCT ON (o.checkout_token) o.* FROM orders o WHERE {f.ORDERS_OF_STORE} AND {BY_CHECKOUT}
        ORDER BY o.checkout_token, o.created_at, o.order_id
    ) o ON o.checkout_token = c.token
    WHERE {LIVE}"""

LINK_ORDERS = f"""
    UPDATE checkouts k
    SET order_id = begun.order_id, ordered_at = begun.ordered_at, order_date = begun.order_date,
        order_currency = begun.order_currency, order_net = CASE WHEN begun.order_id IS NOT NULL THEN begun.net END
    FROM ({_WITH_ORDERS}) begun
    WHERE {f.of_store("k")} AND k.checkout_id = begun.checkout_id
      AND (k.order_id, k.ordered_at, k.order_date, k.order_currency, k.order_net) IS DISTINCT FROM (
          begun.order_id, begun.ordered_at, begun.order_date, begun.order_currency,
          CASE WHEN begun.order_id IS NOT NULL THEN begun.net END)"""
"""Repairs which order ended each checkout: sums are kept from it. A trigger then sets how long it took."""

CHECKOUT_ROLLUPS = (
    Rollup(
        "checkouts_by_day",
        ("currency", "business_date", "ended_after", "total", "order_net", "checkouts", "with_order"),
        f"""
        SELECT currency, business_date,
               CAST(CASE WHEN coalesce(completed_at, ordered_at) IS NULL THEN -1 ELSE width_bucket(
                   greatest(coalesce(completed_at, ordered_at) - created_at, interval '0'), ARRAY[{_STEPS}]
               ) END AS smallint) AS ended_after,
               sum(total) AS total, coalesce(sum(net) FILTER (WHERE order_id IS NOT NULL), 0) AS order_net,
               count(*) AS checkouts, count(order_id) AS with_order
        FROM ({_WITH_ORDERS}) begun GROUP BY 1, 2, 3""",
    ),
    Rollup(
        "checkout_orders_by_day",
        ("currency", "business_date", "orders", "with_checkout"),
        f"""
        SELECT currency, business_date, coalesce(orders, 0) AS orders, coalesce(with_checkout, 0) AS with_checkout
        FROM (
            SELECT o.currency, o.business_date, count(*) AS orders FROM orders o
            WHERE {f.ORDERS_OF_STORE} AND {BY_CHECKOUT} GROUP BY 1, 2
        ) placed
        FULL JOIN (
            SELECT order_currency AS currency, order_date AS business_date, count(*) AS with_checkout
            FROM ({_WITH_ORDERS}) begun WHERE order_id IS NOT NULL GROUP BY 1, 2
        ) begun USING (currency, business_date)""",
    ),
)
