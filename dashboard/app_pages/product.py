"""Product: its sales over the period, and its variants with price and stock as they are now."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from dashboard import reads
from dashboard.addresses import csv_address, parse_id
from dashboard.drawing import charts, formats, frames
from dashboard.drawing.words import plain
from dashboard.parts import products
from dashboard.parts.cards import draw_chart
from dashboard.parts.figures import draw_figures
from dashboard.parts.records import begin_record, draw_filters, draw_missing, draw_shopify_link
from dashboard.parts.tables import draw_records

FIGURES = ("net_sales", "gross_sales", "discounts", "returns")

page = begin_record("products", "Products")
filters = draw_filters(page)
period, compared = filters.period, filters.compared
product_id = parse_id(page.query.get("product", ""))
product = reads.product(*filters.cache_key, product_id, period) if product_id else None
if product is None:
    draw_missing()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(plain(product.title), anchor=False)
    draw_shopify_link(page, "products", product.product_id)
st.caption(plain(" · ".join(filter(None, [product.vendor, product.product_type, product.status]))))

report = reads.product_report(*filters.cache_key, product.product_id, period)
beside = reads.product_report_beside(*filters.cache_key, product.product_id, compared, period) if compared else None
draw_figures(FIGURES, report.whole, beside and beside.whole, filters, report.points)
draw_chart(
    "Net sales over time",
    charts.over_time(
        frames.over_time("net_sales", report, beside, period, compared, filters.now),
        period.grain,
        filters.currency,
        this=formats.period(period),
        other=formats.period(compared) if compared else "",
    ),
    alt=f"Net sales, {formats.period(period)}: {formats.money(report.whole.net_sales, filters.currency)}",
    csv=csv_address("variants", page.store.store_id, period, search=product.title, **filters.currency_filter),
)
draw_records(
    "Variants",
    [asdict(variant) | {"currency": filters.currency} for variant in product.variants],
    products.own_variant_columns(),
    page.store,
)
