"""The SQL of profit: what each day sold and cost, and the costs entered for it, summed by point of a series."""

from __future__ import annotations

from core.metrics import formulas as f
from core.metrics.money import sums
from core.metrics.money.unit_cost import goods

PAID = "coalesce(o.financial_status, 'paid') NOT IN ('pending', 'authorized', 'voided', 'expired')"
"""Orders that a payment provider took a fee for. A file may not say how an order was paid: it counts as paid."""
KNOWN_FEE = f"""(
           SELECT sum(t.fee) FROM transactions t
           WHERE {f.of_store("t")} AND t.order_id = o.order_id AND t.fee IS NOT NULL AND t.fee_currency = o.currency
             AND t.status = 'success' AND NOT t.test)"""
"""What payment providers kept of an order; NULL if Shopify knows no fee of it. The tax on fees is left out."""
MEASURES = (
    *("net_sales", "net_sales_with_cost", "lines", "lines_with_cost", "cost_of_goods", "not_restocked"),
    *("shipping", "total_sales", "orders", "paid_orders", "paid_totals", "sent_orders"),
    *("known_fees", "known_fee_orders"),
)
GOODS_MEASURES = (*MEASURES[:6], "units")


def goods_of_period(prefix: str = "", only: str = "true") -> str:
    """Select the goods that the period sold and took back by product and variant (see `unit_cost.goods`).

    `only` is a condition on the sums. Goods with a known cost may come without their variant.
    """
    columns = f"product_id, variant_id, an_order, {', '.join(GOODS_MEASURES)}"
    kept = f"nullif(product_id, 0), nullif(variant_id, 0), an_order, {', '.join(GOODS_MEASURES)}"
    live = goods(sums.sales_of_live_days(prefix), sums.refunds_of_live_days(prefix))
    return f"""
    SELECT {columns} FROM ({live}) live WHERE {only}
    UNION ALL
    SELECT {kept} FROM goods_spans k WHERE {sums.kept_spans(prefix)} AND ({only})
    UNION ALL
    SELECT {kept} FROM goods_days k WHERE {sums.kept_days_beside_spans(prefix)} AND ({only})"""


def profit_days(prefix: str = "") -> str:
    """Select what each day of the period sold and cost, in the currency of the figures."""
    sold, placed = sums.sales_of_live_days(prefix), sums.orders_of_live_days(prefix)
    live = days_of(goods(sold, sums.refunds_of_live_days(prefix)), sold, placed)
    columns = ", ".join(MEASURES)
    return f"""
    SELECT business_date, {columns} FROM money_days k WHERE {sums.kept_days(prefix)}
    UNION ALL
    SELECT business_date, {columns} FROM ({live}) live"""


def days_of(goods_rows: str, sales: str, orders: str) -> str:
    """Sum goods, ledger rows `s` and orders `o` by currency and day."""
    return f"""
    SELECT currency, business_date, {", ".join(f"sum({name}) AS {name}" for name in MEASURES)}
    FROM (
        SELECT currency, business_date, net_sales, net_sales_with_cost, lines, lines_with_cost, cost_of_goods,
               not_restocked, 0 AS shipping, 0 AS total_sales, 0 AS orders, 0 AS paid_orders, 0 AS paid_totals,
               0 AS sent_orders, 0 AS known_fees, 0 AS known_fee_orders
        FROM ({goods_rows}) goods
        UNION ALL
        SELECT s.currency, s.business_date, 0, 0, 0, 0, 0, 0, {f.SHIPPING}, {f.TOTAL_SALES}, 0, 0, 0, 0, 0, 0
        FROM sales s WHERE {sales} GROUP BY 1, 2
        UNION ALL
        SELECT o.currency, o.business_date, 0, 0, 0, 0, 0, 0, 0, 0, count(*),
               count(*) FILTER (WHERE {PAID} AND known.fee IS NULL),
               coalesce(sum(o.total) FILTER (WHERE {PAID} AND known.fee IS NULL), 0),
               count(*) FILTER (WHERE o.cancelled_at IS NULL), coalesce(sum(known.fee), 0), count(known.fee)
        FROM orders o CROSS JOIN LATERAL (SELECT {KNOWN_FEE} AS fee) known WHERE {orders} GROUP BY 1, 2
    ) parts
    GROUP BY currency, business_date"""


def profit_statement(prefix: str = "") -> str:
    """Build the statement of a report; `prefix` begins the names of the period's parameters.

    It gives a row for the whole period, whose point is -1, and a row for each point that has any.
    """
    return f"""
WITH sold AS MATERIALIZED ({profit_days(prefix)}
), days AS MATERIALIZED (
    SELECT greatest(width_bucket(day, CAST(:{prefix}point_days AS date[])), 1) - 1 AS point, day, sold.*
    FROM (SELECT CAST(generate_series(CAST(:{prefix}start AS date), {_last_day(prefix)}, '1 day') AS date) AS day
    ) calendar
    LEFT JOIN sold ON sold.business_date = day
), entered AS ({_entered()}
)
SELECT points.point, {_SUMS}, {_ENTERED}, {_WITHOUT}
FROM (
    SELECT coalesce(point, -1) AS point, {_DAY_SUMS}
    FROM days GROUP BY GROUPING SETS ((point), ())
) points
LEFT JOIN entered ON entered.point = points.point
ORDER BY points.point
"""


def _last_day(prefix: str) -> str:
    """Days after the cut have no costs yet."""
    return f"least(CAST(:{prefix}end AS date), {f.day_of_cut(prefix)})"


def _entered() -> str:
    """Sum the entered costs by point and kind. A month's amount is divided once, after its days are counted."""
    return f"""
    SELECT point, {", ".join(f"sum(amount) FILTER (WHERE kind = '{kind}') AS {name}" for kind, name in _KINDS)}
    FROM (
        SELECT coalesce(point, -1) AS point, kind,
               sum(percent * paid_totals) / 100 + CASE basis
                   WHEN 'order' THEN sum(amount * CASE kind WHEN 'payment_fees' THEN paid_orders
                                                           ELSE sent_orders END)
                   WHEN 'day' THEN sum(amount)
                   ELSE sum(amount) / extract(day FROM month + interval '1 month' - interval '1 day') END AS amount
        FROM (
            SELECT d.point, c.kind, c.cost_id, c.basis, c.amount, c.percent, date_trunc('month', d.day) AS month,
                   coalesce(d.paid_totals, 0) AS paid_totals, coalesce(d.paid_orders, 0) AS paid_orders,
                   coalesce(d.sent_orders, 0) AS sent_orders
            FROM days d JOIN costs c ON {VALID}
        ) valid
        GROUP BY GROUPING SETS ((point, kind, cost_id, basis, month), (kind, cost_id, basis, month))
    ) amounts
    GROUP BY point"""


VALID = f"""{f.of_store("c")} AND c.replaced_at IS NULL AND c.currency = {f.CURRENCY}
                AND d.day >= c.valid_from AND (c.valid_to IS NULL OR d.day <= c.valid_to)"""
_KINDS = (
    ("payment_fees", "entered_fees"),
    ("shipping", "entered_shipping_cost"),
    ("packaging", "packaging"),
    ("advertising", "advertising"),
    ("other", "other_costs"),
)
_SUMMED = "net_sales net_sales_with_cost cost_of_goods not_restocked shipping total_sales known_fees".split()
_COUNTED = "lines lines_with_cost known_fee_orders paid_orders".split()
_SUMS = ", ".join([*_SUMMED, *_COUNTED])
_ENTERED = ", ".join(f"coalesce(entered.{name}, 0) AS {name}" for _, name in _KINDS)
_WITHOUT = "days_without_fees, days_without_shipping_cost"


def _days_without(kind: str, needs: str = "orders > 0") -> str:
    return f"""count(*) FILTER (WHERE {needs} AND NOT EXISTS (
               SELECT FROM costs c CROSS JOIN (SELECT days.day) d WHERE c.kind = '{kind}' AND {VALID}))"""


_NEEDS_FEES = "(paid_orders > 0 OR orders > 0 AND known_fee_orders = 0)"
"""Days of which some fees have to be entered: Shopify does not say those of all paid orders."""
_DAY_SUMS = ", ".join(
    [
        *(f"coalesce(sum({name}), 0) AS {name}" for name in _SUMMED),
        *(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in _COUNTED),
        f"{_days_without('payment_fees', _NEEDS_FEES)} AS days_without_fees",
        f"{_days_without('shipping')} AS days_without_shipping_cost",
    ]
)
