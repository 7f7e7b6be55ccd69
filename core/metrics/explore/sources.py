"""The SQL of each dimension and measure: the whitelist from which every statement of Explore is built.

A statement reads ledger rows `s` for amounts, and orders `o` for the numbers of orders and customers. Each dimension
says its value as text in both, and the tables that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.metrics import formulas as f
from core.metrics.explore.question import Dimension, Measure


class Join(StrEnum):
    """A table beside the rows."""

    ORDERS = "orders"
    HISTORY = "history"
    PRODUCTS = "products"
    TAGS = "tags"
    ORDER_TAGS = "order_tags"


JOINS = {
    Join.ORDERS: f"JOIN orders o ON {f.of_store('o')} AND o.order_id = s.order_id",
    Join.HISTORY: f"LEFT JOIN customer_orders k ON {f.of_store('k')} AND k.order_id = {{row}}.order_id",
    Join.PRODUCTS: f"LEFT JOIN products p ON {f.of_store('p')} AND p.product_id = s.product_id",
    Join.TAGS: """LEFT JOIN LATERAL (
        SELECT DISTINCT btrim(t) AS tag FROM unnest(p.tags) t WHERE btrim(t) <> '') tags ON true""",
    Join.ORDER_TAGS: """LEFT JOIN LATERAL (
        SELECT DISTINCT btrim(t) AS tag FROM unnest(o.tags) t WHERE btrim(t) <> '') order_tags ON true""",
}
"""`{row}` is `s` or `o`. A JOIN never drops a row: every sale has its order."""


@dataclass(frozen=True, slots=True)
class Source:
    """A dimension in SQL: its text in ledger rows and in orders (the same for goods), and the joins that it needs."""

    in_sales: str
    in_orders: str
    joins: tuple[Join, ...] = ()


def _of_day(text: str) -> Source:
    return Source(text.format("s.business_date"), text.format("o.business_date"))


def _of_order(text: str, *joins: Join) -> Source:
    return Source(text, text, (Join.ORDERS, *joins))


def _of_goods(text: str, *joins: Join) -> Source:
    return Source(text, text, joins)


_HOUR = "CAST(CAST(extract(hour FROM {} AT TIME ZONE " + f.ZONE + ") AS int) AS text)"
_CODES = """nullif((SELECT string_agg(code, ' + ' ORDER BY code)
    FROM (SELECT DISTINCT upper(btrim(c)) AS code FROM unnest(o.discount_codes) c) codes), '')"""

SOURCES = {
    Dimension.DAY: _of_day("CAST({} AS text)"),
    Dimension.WEEK: _of_day("CAST(CAST(date_trunc('week', {}::timestamp) AS date) AS text)"),
    Dimension.MONTH: _of_day("CAST(CAST(date_trunc('month', {}::timestamp) AS date) AS text)"),
    Dimension.WEEKDAY: _of_day("CAST(CAST(extract(isodow FROM {}) AS int) AS text)"),
    Dimension.HOUR: Source(_HOUR.format("s.happened_at"), _HOUR.format("o.processed_at")),
    Dimension.PRODUCT: _of_goods("CAST(s.product_id AS text)"),
    Dimension.VARIANT: _of_goods("CAST(s.variant_id AS text)"),
    Dimension.VENDOR: _of_goods("nullif(p.vendor, '')", Join.PRODUCTS),
    Dimension.TYPE: _of_goods("nullif(p.product_type, '')", Join.PRODUCTS),
    Dimension.TAG: _of_goods("tags.tag", Join.PRODUCTS, Join.TAGS),
    Dimension.CHANNEL: _of_order("nullif(o.source_name, '')"),
    Dimension.COUNTRY: _of_order("nullif(o.country, '')"),
    Dimension.REGION: _of_order("nullif(o.province, '')"),
    Dimension.CITY: _of_order("nullif(o.city, '')"),
    Dimension.CUSTOMER: _of_order("CASE WHEN k.number = 1 THEN 'new' ELSE 'returning' END", Join.HISTORY),
    Dimension.CODE: _of_order(_CODES),
    Dimension.SOURCE: _of_order("o.visit_source"),
    Dimension.CAMPAIGN: _of_order("o.visit_campaign"),
    Dimension.ORDER_TAG: _of_order("order_tags.tag", Join.ORDER_TAGS),
    Dimension.LOCATION: _of_order("coalesce(CAST(o.location_id AS text), o.location_name)"),
    Dimension.ORDER: Source("CAST(s.order_id AS text)", "CAST(o.order_id AS text)"),
}

TAGS = {Dimension.TAG: (Join.TAGS, "p.tags"), Dimension.ORDER_TAG: (Join.ORDER_TAGS, "o.tags")}
"""Dimensions with several values for one row: the join that repeats the row for each value, and the column."""

SUMS = {
    "net_sales": f.NET_SALES,
    "gross_sales": f.GROSS_SALES,
    "discounts": f.DISCOUNTS,
    "returns": f.RETURNS,
    "shipping": f.SHIPPING,
    "taxes": f.TAXES,
    "total_sales": f.TOTAL_SALES,
    "units_sold": f.UNITS_SOLD,
    "units_returned": f.UNITS_RETURNED,
    "placed_value": f.PLACED_VALUE,
}
"""Sums over ledger rows."""
UNITS = ("units_sold", "units_returned")

COUNTS = {"orders": "count(DISTINCT o.order_id)", "customers": "count(DISTINCT o.customer_key)"}
"""Counts over orders placed in the period."""

NEEDS = {
    Measure.AVERAGE_ORDER_VALUE: ("placed_value", "orders"),
    Measure.RETURN_RATE: ("returns", "gross_sales"),
}
"""The sums and counts of a ratio: the first is divided by the second, last."""


def needs(measure: Measure) -> tuple[str, ...]:
    """The sums and counts that a measure is made of."""
    return NEEDS.get(measure, (str(measure),))


def value(measure: Measure) -> str:
    """The SQL of a measure over the sums and counts; a ratio over zero is NULL."""
    if measure not in NEEDS:
        return str(measure)
    part, whole = NEEDS[measure]
    return f"CAST({part} AS numeric) / nullif({whole}, 0)"
