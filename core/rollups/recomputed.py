"""The roll-ups as the ledger's rows come to: one SELECT a table, from the formulas of `core.metrics`.

The triggers have their own copy of the formulas, in the migrations that made them. So a comparison finds both a sum
that was not kept and a formula that differs.
"""

# ruff: noqa: S608  # The names are of this file, all values are parameters.

from __future__ import annotations

from collections.abc import Mapping

from core.metrics import formulas as f
from core.metrics import span_names
from core.metrics.money import payments
from core.metrics.returns import later_sales
from core.rollups.checkouts import CHECKOUT_ROLLUPS
from core.rollups.customers import CUSTOMER_ROLLUPS
from core.rollups.origins import ORIGIN_ROLLUPS
from core.rollups.rollup import Rollup

_SALES = {
    "gross_sales": f.GROSS_SALES,
    "discounts": f.DISCOUNTS,
    "returns": f.RETURNS,
    "net_sales": f.NET_SALES,
    "sale_rows": "count(*)",
}
_OF_DAY = {
    "shipping": f.SHIPPING,
    "taxes": f.TAXES,
    "duties": f.DUTIES,
    "fees": f.FEES,
    "tips": f.TIPS,
    "gift_cards": f.GIFT_CARDS,
    "placed_value": f.PLACED_VALUE,
}
_UNITS = {
    "units_sold": f.UNITS_SOLD,
    "units_returned": f.UNITS_RETURNED,
    "units_ordered": f.UNITS_ORDERED,
}
_COUNTS = {"sale_rows", *_UNITS}
_DAY = ("currency", "business_date")
_VARIANT = ("product_id", "variant_id")
_SUMMED_GOODS = ", ".join(
    f"sum({name}){'::bigint' if name in _COUNTS else ''} AS {name}" for name in (*_SALES, *_UNITS)
)


def _columns(sums: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in sums.items())


def _quarter(instant: str) -> str:
    return f"date_bin('15 minutes', {instant}, 'epoch'::timestamptz)"


def _with_orders(key: tuple[str, ...], sums: tuple[str, ...], sold: str, placed: str) -> str:
    """Join sums and counts of orders: a day may have sales without an order, or an order without a sale."""
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in sums)
    return f"SELECT {', '.join(key)}, {zeros} FROM ({sold}) sold FULL JOIN ({placed}) placed USING ({', '.join(key)})"


def _by_day() -> Rollup:
    sums = _SALES | _OF_DAY | _UNITS
    columns = (*sums, "orders", "cancelled_orders")
    sold = f"""
        SELECT s.currency, s.business_date, {_columns(sums)} FROM sales s
        WHERE {f.SALES_OF_STORE} GROUP BY 1, 2"""
    placed = f"""
        SELECT o.currency, o.business_date, count(*) AS orders, count(o.cancelled_at) AS cancelled_orders
        FROM orders o WHERE {f.ORDERS_OF_STORE} GROUP BY 1, 2"""
    return Rollup("sales_by_day", (*_DAY, *columns), _with_orders(_DAY, columns, sold, placed))


def _by_time() -> Rollup:
    key = (*_DAY, "starts_at")
    sums = _SALES | {"total_sales": f.TOTAL_SALES}
    columns = (*sums, "orders")
    sold = f"""
        SELECT s.currency, s.business_date, {_quarter("s.happened_at")} AS starts_at, {_columns(sums)} FROM sales s
        WHERE {f.SALES_OF_STORE} GROUP BY 1, 2, 3"""
    placed = f"""
        SELECT o.currency, o.business_date, {_quarter("o.processed_at")} AS starts_at, count(*) AS orders
        FROM orders o WHERE {f.ORDERS_OF_STORE} GROUP BY 1, 2, 3"""
    return Rollup("sales_by_time", (*key, *columns), _with_orders(key, columns, sold, placed))


def _of_variants() -> Rollup:
    sums = _SALES | _UNITS
    select = f"""
        SELECT s.currency, s.business_date, coalesce(s.product_id, 0) AS product_id,
               coalesce(s.variant_id, 0) AS variant_id, {_columns(sums)}
        FROM sales s
        WHERE {f.SALES_OF_STORE} AND s.line_type IN ('product', 'adjustment') GROUP BY 1, 2, 3, 4"""
    return Rollup("product_sales_by_day", (*_DAY, *_VARIANT, *sums), select)


def _of_variant_spans() -> Rollup:
    """Sum up days by thirds of months, and then thirds: a day is in four spans."""
    by_third = f"""
        SELECT k.currency, k.product_id, k.variant_id, {span_names.third_of("k.business_date")} AS third,
               {_SUMMED_GOODS}
        FROM product_sales_by_day k WHERE {f.of_store("k")} GROUP BY 1, 2, 3, 4"""
    select = f"""
        SELECT currency, span, product_id, variant_id, {_SUMMED_GOODS}
        FROM ({by_third}) thirds CROSS JOIN {span_names.spans_of("third")}
        GROUP BY 1, 2, 3, 4"""
    return Rollup("variant_sales_by_span", ("currency", "span", *_VARIANT, *_SALES, *_UNITS), select)


def _of_product_spans() -> Rollup:
    select = f"""
        SELECT k.currency, k.span, k.product_id, {_SUMMED_GOODS}
        FROM variant_sales_by_span k WHERE {f.of_store("k")} GROUP BY 1, 2, 3"""
    return Rollup("product_sales_by_span", ("currency", "span", "product_id", *_SALES, *_UNITS), select)


def _of_payments() -> Rollup:
    select = f"""
        SELECT t.currency, t.business_date, coalesce(t.gateway, '') AS gateway,
               {f.total("t.amount", payments.RECEIVED)}, {f.total("t.amount", payments.REFUNDED)},
               count(*) FILTER (WHERE {payments.RECEIVED}), count(*) FILTER (WHERE {payments.REFUNDED}),
               {f.total("t.fee", payments.FEE_IS_KNOWN)},
               {f.total("t.amount", f"{payments.RECEIVED} AND {payments.FEE_IS_KNOWN}")}
        FROM transactions t WHERE {f.of_store("t")} AND {payments.MOVED} GROUP BY 1, 2, 3"""
    columns = ("currency", "business_date", "gateway", "received", "refunded", "payments", "refunds")
    fees = ("fees", "received_with_fees")
    return Rollup("payments_by_day", (*columns, *fees), select)


def _counts_of(kind: str, source: str) -> str:
    return f"""
        SELECT '{kind}' AS kind, {source} AS source, count(*) AS records
        FROM {kind} r WHERE {f.of_store("r")} AND r.deleted_at IS NULL GROUP BY 2"""


def _record_counts() -> Rollup:
    sources = {"orders": "r.source", "products": "''", "customers": "''"}
    select = " UNION ALL ".join(_counts_of(kind, source) for kind, source in sources.items())
    return Rollup("record_counts", ("kind", "source", "records"), select)


ROLLUPS = (
    _by_day(),
    _by_time(),
    _of_variants(),
    _of_variant_spans(),
    _of_product_spans(),
    Rollup("later_sales", later_sales.COLUMNS, later_sales.RECOMPUTED),
    *CUSTOMER_ROLLUPS,
    _of_payments(),
    *ORIGIN_ROLLUPS,
    *CHECKOUT_ROLLUPS,
    _record_counts(),
)
"""What is kept, each table after those that its SELECT reads."""
