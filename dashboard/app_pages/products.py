"""Products: what was sold and what came back, with price and stock as they are now."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import filters, reads, state
from dashboard.drawing import charts, formats, frames
from dashboard.parts import components, downloads
from dashboard.parts.components import Column, Kind, metric_column

FIGURES = ("net_sales", "gross_sales", "discounts", "returns")
ROWS = 500
BY_PRODUCT, BY_VARIANT = "By product", "By variant"
NOW = "As it is now, not as it was in the period."

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now)
if chosen is None:
    st.title("Products", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Products", viewer, chosen)
period, compared, store_id = chosen.period, chosen.compared, chosen.store.store_id
report = reads.report(*chosen.key, period)
before = reads.report_beside(*chosen.key, compared, period).whole if compared else None
left_out = components.show_left_out(chosen)
components.figures(FIGURES, report.whole, before, chosen, report.points)

best = [row for row in reads.sales_by_product(*chosen.key, period, 10) if row.units_sold]
if best:
    components.chart(
        "Best-selling products",
        charts.bars(frames.table(best, ["title", "net_sales"]), "title", "net_sales", chosen.currency),
        alt=f"Net sales of the best-selling products, {formats.period(period)}; first is {best[0].title}",
        csv=downloads.address("products", store_id, period, **chosen.narrowed),
        help="Net sales",
    )
elif not left_out:
    components.no_orders(chosen)

goods = {
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
        reads.sales_by_variant(*chosen.key, period, ROWS), ["title", "variant", "sku", "price", *goods]
    )
    own = {"title": Column("Product", pinned=True), "variant": Column("Variant")}
    extra = {"price": Column("Price", Kind.MONEY, NOW), "sku": Column("SKU")}
else:
    prices = ["lowest_price", "highest_price"]
    rows = frames.table(reads.sales_by_product(*chosen.key, period, ROWS), ["title", *goods, *prices])
    own = {"title": Column("Product", pinned=True)}
    extra = {"lowest_price": Column("Price from", Kind.MONEY, NOW), "highest_price": Column("to", Kind.MONEY, NOW)}

components.table(
    "Variants" if view == BY_VARIANT else "Products",
    rows,
    own | goods | extra,
    chosen,
    csv=downloads.address("variants" if view == BY_VARIANT else "products", store_id, period, **chosen.narrowed),
    empty="There are no products yet: they come with the first sync.",
)
if len(rows) == ROWS:
    st.caption(f"The first {ROWS} by net sales; the CSV has all.")
