"""Parts of the Discounts page: its figures, and one row for each code and automatic discount."""

from __future__ import annotations

from dataclasses import asdict, replace

import streamlit as st

from core.domain.periods import local_day
from core.metrics.orders.discount_days import REPEAT_DAYS
from core.metrics.orders.discounts import DiscountRow
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.tables import draw_records

FIGURES = ("discount_given", "discounted_share", "discounted_order_value", "full_price_order_value")
_UNKNOWN = "Not named by Shopify"


def draw_discounts(filters: Filters) -> None:
    """Draw the discounts of the period, most used first."""
    today = local_day(filters.now, filters.store.time_zone)
    rows = reads.discounts(*filters.cache_key, filters.period, today)
    records = [
        asdict(row)
        | {
            "label": row.label or _UNKNOWN,
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
        "label": Column("Code or discount", help="Shopify takes a code in any case, so spellings are one row."),
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


def _coverage_note(row: DiscountRow) -> str:
    """Say how much of the goods the margin is of, where some have no known cost."""
    if row.cost_coverage in (None, 1) or not row.value_with_cost:
        return ""
    return f"of {formats.percent(row.cost_coverage)} of the goods"
