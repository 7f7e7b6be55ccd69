"""Parts of the Discounts page: its figures, and one row for each code and automatic discount."""

from __future__ import annotations

from dataclasses import asdict, replace

import streamlit as st

from core.domain.periods import local_day
from core.metrics.orders.discount import ANY, NEWEST_FIRST, DiscountKey, UseKey
from core.metrics.orders.discount_days import REPEAT_DAYS
from core.metrics.orders.discounts import DiscountRow
from dashboard import reads
from dashboard.addresses import csv_address, customer_address, discount_address, order_address
from dashboard.drawing import formats
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.over_time import over_time_card
from dashboard.parts.tables import ROWS, draw_list, draw_records, list_page

FIGURES = ("discount_given", "discounted_share", "discounted_order_value", "full_price_order_value")
OF_ONE = (
    *("discount_given", "discounted_orders", "average_order_value"),
    *("discount_margin", "new_share", "repeat_share"),
)
UNKNOWN = "Not named by Shopify"


def draw_over_time(filters: Filters, key: DiscountKey = ANY) -> None:
    """Draw what discounts took off over time, or how many orders used them, beside the compared period."""
    period, compared = filters.period, filters.compared and filters.compared.whole
    named = {} if key == ANY else {"discount": str(key)}
    with over_time_card(
        filters, "discounts-over-time", ("discount_given", "discounted_orders"), compare="", **named
    ) as chart:
        series = reads.discount_series(*filters.cache_key, period, key, chart.grain)
        beside = (
            reads.discount_series_beside(*filters.cache_key, compared, period, key, chart.grain) if compared else None
        )
        chart.draw(series, comparable(beside, filters))


def draw_discounts(filters: Filters) -> None:
    """Draw the discounts of the period, most used first."""
    today, query = local_day(filters.now, filters.store.time_zone), st.query_params.to_dict()
    rows = reads.discounts(*filters.cache_key, filters.period, today)
    records = [
        asdict(row)
        | {
            "label": row.label or UNKNOWN,
            "key": str(DiscountKey(row.kind, row.label.lower())),
            "average_order_value": row.average_order_value,
            "new_share": row.new_share,
            "discount_margin": row.discount_margin,
            "margin_note": _coverage_note(row),
            "repeat_share": row.repeat_share,
            "repeat_note": f"of {formats.count(row.orders_settled)} so far" if row.is_open else "",
        }
        for row in rows
    ]
    columns = {
        "label": Column(
            "Code or discount",
            help="Shopify takes a code in any case, so spellings are one row.",
            link=lambda record: discount_address(filters.store.shop_domain, record["key"], query),
        ),
        "kind": Column("Kind", Kind.STATUS),
        "orders": Column("Orders", Kind.COUNT, "Orders of the period that used it."),
        "discount_given": metric_column("discount_given"),
        "net_sales": Column("Net sales", Kind.MONEY, "Of these orders, to date."),
        "average_order_value": metric_column("average_order_value"),
        "discount_margin": replace(metric_column("discount_margin", Kind.SHARE), note="margin_note"),
        "new_share": Column("New customers", Kind.SHARE, "The share of these orders that were a customer's first."),
        "repeat_share": Column(
            f"Repeat in {REPEAT_DAYS} days",
            Kind.SHARE,
            f"The share followed by another order, of those at least {REPEAT_DAYS} days old.",
            note="repeat_note",
        ),
    }
    csv = csv_address("discounts", filters.store.store_id, filters.period, **filters.currency_filter)
    draw_records(
        formats.counted(len(rows), "discount"),
        records,
        columns,
        filters.store,
        csv,
        "No order of this period used a discount. Choose a longer period.",
        filters.currency,
    )


def draw_tax_note(contains_tax: bool) -> None:
    """Draw whether the discounts of the store contain tax."""
    if contains_tax:
        st.caption("Discounts contain tax, because this store’s prices do. Order values and margins are without tax.")


def draw_one(filters: Filters, row: DiscountRow, before: DiscountRow | None) -> None:
    """Draw the figures of one discount, and what they leave out."""
    draw_figures(OF_ONE, row, before, filters)
    notes = [f"Margin is {_coverage_note(row)}."] if _coverage_note(row) else []
    if row.is_open:
        settled = formats.count(row.orders_settled)
        notes.append(f"Repeats count {settled} of {formats.counted(row.orders, 'order')}: the others are too young.")
    if notes:
        st.caption(" ".join(notes))


def draw_orders(filters: Filters, key: DiscountKey, count: int) -> None:
    """Draw the orders of the period with the discount."""
    page = list_page(NEWEST_FIRST, count, filters.store.store_id, filters.period, key)
    rows = reads.discounted_orders(*filters.cache_key, filters.period, key, ROWS, page.offset, page.sort)
    shop, query = filters.store.shop_domain, st.query_params.to_dict()
    columns = {
        "name": Column("Order", Kind.CODE, link=lambda row: order_address(shop, row["order_id"], query)),
        "customer": Column("Customer", link=lambda row: customer_address(shop, row["customer_key"], query)),
        "placed_at": Column("Placed", Kind.INSTANT, sort=UseKey.PLACED),
        "discount_given": Column("Discount", Kind.MONEY, "What this discount took off the order.", UseKey.GIVEN),
        "net_sales": Column("Net sales", Kind.MONEY, "Of this order, to date."),
        "total": Column("Order total", Kind.MONEY, "The amount charged when it was placed."),
        "is_first": Column("First order", Kind.FLAG, "Whether it was its customer's first."),
    }
    draw_list(
        formats.counted(count, "order"),
        [asdict(row) | {"customer": row.customer or "Guest"} for row in rows],
        columns,
        page,
        filters,
        csv=csv_address(
            "discounted-orders",
            filters.store.store_id,
            filters.period,
            discount=str(key),
            sort=page.sort_parameter,
            **filters.currency_filter,
        ),
        empty="No order of this period used this discount. Choose a longer period.",
    )


def _coverage_note(row: DiscountRow) -> str:
    """Say how much of the goods the margin is of, where some have no known cost."""
    if row.cost_coverage in (None, 1) or not row.value_with_cost:
        return ""
    return f"of {formats.percent(row.cost_coverage)} of the goods"
