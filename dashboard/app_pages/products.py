"""Products: what was sold and what came back, with price and stock as they are now."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import local_day
from core.metrics.products.changes import BEST_FIRST, Question
from core.metrics.products.listing import Goods
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.parts import notices
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.products import (
    draw_best_sellers,
    draw_other_goods,
    list_records,
    product_columns,
    trend_grain,
    variant_columns,
)
from dashboard.parts.tables import ROWS, draw_list, draw_search, hidden_columns, list_page

FIGURES = ("net_sales", "gross_sales", "discounts", "returns")
BY_PRODUCT, BY_VARIANT = "By product", "By variant"

viewer, filters = begin_report("Products")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
report = reads.report(*filters.cache_key, period, period.grain)
before = reads.report_beside(*filters.cache_key, compared, period, period.grain) if compared else None
left_out = notices.draw_orders_left_out(filters)
draw_figures(FIGURES, report.whole, before and before.whole, filters, report.points)

best_sellers = [row for row in reads.sales_by_product(*filters.cache_key, period, 10) if row.units_sold]
if best_sellers:
    draw_best_sellers("Best-selling products", best_sellers, filters)
elif not left_out:
    notices.draw_no_orders(filters)

left, right = st.columns([2, 1], vertical_alignment="bottom")
with left:
    search = draw_search("find_product", "Product, SKU, vendor or type")
view = right.segmented_control(
    "Rows",
    [BY_PRODUCT, BY_VARIANT],
    default=BY_PRODUCT,
    key="rows",
    bind="query-params",
    label_visibility="collapsed",
)
is_by_variant = view == BY_VARIANT
read_count = reads.count_variants if is_by_variant else reads.count_products
count = read_count(*filters.cache_key, period, search)
goods = draw_other_goods(count, filters.currency)
shown = count.products if goods is Goods.PRODUCTS else count.products + count.others
page = list_page(BEST_FIRST, shown, store_id, period, search, filters.currency, is_by_variant, goods)
today = local_day(filters.now, filters.store.time_zone)
question = Question(period, compared, today, search, goods, page.sort, ROWS, page.offset)
rows = (reads.variant_rows if is_by_variant else reads.product_rows)(*filters.cache_key, question)
columns = (variant_columns if is_by_variant else product_columns)(filters, st.query_params.to_dict())
has_trends = "trend" in columns and "trend" not in hidden_columns(BEST_FIRST, columns)
ids = tuple(row.sales.product_id for row in rows if row.sales.product_id) if has_trends else ()
trends = reads.product_trends(*filters.cache_key, period, trend_grain(period), ids)
draw_list(
    formats.counted(shown, "variant" if is_by_variant else "product"),
    list_records(rows, trends),
    columns,
    page,
    filters,
    csv=csv_address(
        "variants" if is_by_variant else "products",
        store_id,
        period,
        search=search,
        goods=goods,
        sort=page.sort_parameter,
        compare=filters.comparison,
        **filters.currency_filter,
    ),
    empty="No product matches. Clear the search; products come with the first sync.",
)
