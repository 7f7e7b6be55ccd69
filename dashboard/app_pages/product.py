"""Product: its sales over the period, and its variants with price and stock as they are now."""

from __future__ import annotations

import streamlit as st

from core.domain.ids import parse_id
from dashboard import reads
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import products
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.over_time import over_time_card
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
status = product.status and formats.status_text(product.status)
st.caption(plain(" · ".join(filter(None, [product.vendor, product.product_type, status]))))

key = (*filters.cache_key, product.product_id)
report = reads.product_report(*key, period, period.grain)
before = reads.product_report_beside(*key, compared, period, period.grain) if compared else None
address = products.orders_address(product.product_id, product.title, filters, page.query)
opened = {"net_sales": address} if address else {}
draw_figures(FIGURES, report.whole, before and before.whole, filters, report.points, opened)
drawn = compared and compared.whole
with over_time_card(filters, "product-over-time", ("net_sales",), product=product.product_id) as chart:
    report = reads.product_report(*key, period, chart.grain)
    beside = reads.product_report_beside(*key, drawn, period, chart.grain) if drawn else None
    chart.draw(report, comparable(beside, filters))
draw_records(
    "Variants",
    products.own_variant_records(product.variants, filters.currency),
    products.own_variant_columns(),
    page.store,
)
