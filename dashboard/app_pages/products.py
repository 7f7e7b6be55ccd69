"""Products: what was sold and what came back, with price and stock as they are now."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import charts, formats, frames
from dashboard.parts import notices
from dashboard.parts.cards import draw_chart, draw_table
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report

FIGURES = ("net_sales", "gross_sales", "discounts", "returns")
ROWS = 500
BY_PRODUCT, BY_VARIANT = "By product", "By variant"
NOW = "As it is now, not as it was in the period."

viewer, filters = begin_report("Products")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
report = reads.report(*filters.cache_key, period)
previous = reads.report_beside(*filters.cache_key, compared, period).whole if compared else None
left_out = notices.draw_orders_left_out(filters)
draw_figures(FIGURES, report.whole, previous, filters, report.points)

best_sellers = [row for row in reads.sales_by_product(*filters.cache_key, period, 10) if row.units_sold]
if best_sellers:
    draw_chart(
        "Best-selling products",
        charts.bars(frames.table(best_sellers, ["title", "net_sales"]), "title", "net_sales", filters.currency),
        alt=f"Net sales of the best-selling products, {formats.period(period)}; first is {best_sellers[0].title}",
        csv=csv_address("products", store_id, period, **filters.currency_filter),
        help="Net sales",
    )
elif not left_out:
    notices.draw_no_orders(filters)

sales_columns = {
    "net_sales": metric_column("net_sales"),
    "units_sold": metric_column("units_sold", Kind.COUNT),
    "units_returned": metric_column("units_returned", Kind.COUNT),
    "gross_sales": metric_column("gross_sales"),
    "discounts": metric_column("discounts"),
    "returns": metric_column("returns"),
    "stock": Column("Stock", Kind.COUNT, NOW),
}
view = st.segmented_control(
    "Rows",
    [BY_PRODUCT, BY_VARIANT],
    default=BY_PRODUCT,
    key="rows",
    bind="query-params",
    label_visibility="collapsed",
)
if view == BY_VARIANT:
    rows = frames.table(
        reads.sales_by_variant(*filters.cache_key, period, ROWS), ["title", "variant", "sku", "price", *sales_columns]
    )
    name_columns = {"title": Column("Product", pinned=True), "variant": Column("Variant")}
    price_columns = {"price": Column("Price", Kind.MONEY, NOW), "sku": Column("SKU")}
else:
    prices = ["lowest_price", "highest_price"]
    rows = frames.table(reads.sales_by_product(*filters.cache_key, period, ROWS), ["title", *sales_columns, *prices])
    name_columns = {"title": Column("Product", pinned=True)}
    price_columns = {
        "lowest_price": Column("Price from", Kind.MONEY, NOW),
        "highest_price": Column("to", Kind.MONEY, NOW),
    }

draw_table(
    "Variants" if view == BY_VARIANT else "Products",
    rows,
    name_columns | sales_columns | price_columns,
    filters,
    csv=csv_address("variants" if view == BY_VARIANT else "products", store_id, period, **filters.currency_filter),
    empty="There are no products yet: they come with the first sync.",
)
if len(rows) == ROWS:
    st.caption(f"The first {ROWS} by net sales; the CSV has all.")
