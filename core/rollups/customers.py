"""Recomputes the sums of customers from the orders and the ledger: one SELECT a table, for audits and rebuilds.

Sums of customers are compared with `customer_orders`, and that is compared with the orders and the ledger.
"""

# ruff: noqa: S608  # The names are of this file, all values are parameters.

from __future__ import annotations

from core.metrics import formulas as f
from core.rollups.rollup import Rollup

_COUNTS = """
    count(*) AS orders,
    count(*) FILTER (WHERE k.currency_number = 1 AND k.first_date IS NOT NULL) AS firsts,
    count(*) FILTER (WHERE k.currency_number = 2 AND k.first_date IS NOT NULL) AS seconds"""


def _start(width: str, day: str) -> str:
    return f"CAST(date_trunc({width}, CAST({day} AS timestamp)) AS date)"


def _in_cohort(day: str) -> str:
    return f"start_in_cohort(width, k.first_date, {day})"


_PREVIOUS = "coalesce(k.previous_date, '0001-01-01')"
_HISTORIES = f"""
    SELECT o.order_id, o.customer_key, o.currency, o.processed_at, o.business_date,
           coalesce(sold.net_sales, 0) AS net_sales,
           row_number() OVER ever AS number, row_number() OVER own AS currency_number,
           lag(o.business_date) OVER own AS previous_date, lead(o.business_date) OVER own AS next_date,
           CASE WHEN first_value(o.processed_at) OVER own = first_value(o.processed_at) OVER ever
                THEN first_value(o.business_date) OVER own END AS first_date
    FROM orders o
    LEFT JOIN (
        SELECT s.order_id, {f.NET_SALES} AS net_sales FROM sales s WHERE {f.SALES_OF_STORE} GROUP BY s.order_id
    ) sold USING (order_id)
    WHERE {f.ORDERS_OF_STORE}
    WINDOW ever AS (PARTITION BY o.customer_key ORDER BY o.processed_at, o.order_id),
           own AS (PARTITION BY o.customer_key, o.currency ORDER BY o.processed_at, o.order_id)"""


def _counts(table: str, previous: str, value: str) -> Rollup:
    select = f"""
        SELECT k.currency, k.business_date, {value} AS {previous}, {_COUNTS}
        FROM customer_orders k WHERE {f.of_store("k")} GROUP BY 1, 2, 3"""
    return Rollup(table, ("currency", "business_date", previous, "orders", "firsts", "seconds"), select)


CUSTOMER_ROLLUPS = (
    Rollup(
        "customer_orders",
        (
            *(
                "order_id",
                "customer_key",
                "currency",
                "processed_at",
                "business_date",
                "net_sales",
                "number",
                "currency_number",
            ),
            *("previous_date", "next_date", "first_date"),
        ),
        _HISTORIES,
    ),
    Rollup(
        "customer_totals",
        (
            *("currency", "customer_key", "orders", "net_sales", "first_order_at", "last_order_at"),
            *("last_date", "first_date"),
        ),
        f"""
        SELECT k.currency, k.customer_key, count(*) AS orders, sum(k.net_sales) AS net_sales,
               min(k.processed_at) AS first_order_at, max(k.processed_at) AS last_order_at,
               max(k.business_date) AS last_date, max(k.first_date) AS first_date
        FROM customer_orders k WHERE {f.of_store("k")} GROUP BY 1, 2""",
    ),
    Rollup(
        "customer_sales_by_month",
        ("currency", "customer_key", "month", "net_sales", "orders"),
        f"""
        SELECT k.currency, k.customer_key, {_start("'month'", "k.business_date")} AS month,
               sum(k.net_sales) AS net_sales, count(*) AS orders
        FROM customer_orders k WHERE {f.of_store("k")} GROUP BY 1, 2, 3""",
    ),
    _counts("customer_days", "previous_date", _PREVIOUS),
    _counts("customer_months", "previous_month", _start("'month'", _PREVIOUS)),
    Rollup(
        "cohort_sums",
        ("currency", "width", "cohort", "period", "net_sales", "customers", "seconds", "orders"),
        f"""
        SELECT k.currency, width, {_in_cohort("k.first_date")} AS cohort, {_in_cohort("k.business_date")} AS period,
               sum(k.net_sales) AS net_sales,
               count(*) FILTER (
                   WHERE k.previous_date IS NULL OR {_in_cohort("k.previous_date")} < {_in_cohort("k.business_date")}
               ) AS customers,
               count(*) FILTER (WHERE k.currency_number = 2) AS seconds, count(*) AS orders
        FROM customer_orders k, (VALUES ('week'), ('month'), ('quarter'), ('days')) AS widths (width)
        WHERE {f.of_store("k")} AND k.first_date IS NOT NULL
        GROUP BY 1, 2, 3, 4""",
    ),
)
