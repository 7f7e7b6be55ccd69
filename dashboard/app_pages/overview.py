"""Overview: how the store is doing."""

from __future__ import annotations

import streamlit as st

from core.accounts import previous_visit
from dashboard import reads
from dashboard.addresses import page_address
from dashboard.drawing import sentences
from dashboard.drawing.words import plain
from dashboard.parts import first_steps, notices
from dashboard.parts.card_grid import draw_cards
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.overview.attention import draw_attention
from dashboard.parts.overview.latest import recent_orders_card, top_customers_card
from dashboard.parts.overview.movers import movers_card
from dashboard.parts.overview.origins import kinds_card, origins_cards
from dashboard.parts.overview.week import week_card
from dashboard.parts.page import begin_report
from dashboard.parts.products import best_sellers_card
from dashboard.parts.sales_chart import draw_sales
from dashboard.parts.sales_lines import sales_lines_card
from dashboard.parts.targets import draw_target_line

FIGURES = ("net_sales", "total_sales", "orders", "average_order_value", "customers", "returning_customer_rate")
# The page with the list behind each figure.
LISTS = dict.fromkeys(FIGURES[:4], "orders") | dict.fromkeys(FIGURES[4:], "customers")

viewer, filters = begin_report("Overview")
period, compared, currency = filters.period, filters.compared, filters.currency
report = reads.report(*filters.cache_key, period, period.grain)
comparison = reads.report_beside(*filters.cache_key, compared, period, period.grain) if compared else None
totals = report.whole
left_out = notices.draw_orders_left_out(filters)
query = st.query_params.to_dict()
earlier = comparable(comparison.whole if comparison else None, filters)
if earlier:
    st.markdown(f"**{plain(sentences.net_sales_change(totals, earlier, currency))}**")
draw_attention(filters, previous_visit(viewer.actor, filters.store.store_id))
draw_target_line(filters)
lists = {metric: page_address(path, query) for metric, path in LISTS.items()}
draw_figures(FIGURES, totals, earlier, filters, report.points, lists)
if not totals.orders and not left_out:
    if filters.store.complete_until is None:
        first_steps.draw_first_steps(viewer, filters.now)
    else:
        notices.draw_no_orders(filters)
if not totals.orders and not totals.total_sales and not left_out:
    st.stop()

grain = draw_sales(filters)
best_sellers = [row for row in reads.sales_by_product(*filters.cache_key, period, 8) if row.units_sold]
draw_cards(
    "Overview",
    [
        sales_lines_card(totals, earlier, filters),
        kinds_card(filters, grain),
        week_card(filters),
        best_sellers_card("Sales by product", best_sellers, filters, all_=page_address("products", query)),
        *filter(None, [movers_card(filters) if earlier else None]),
        *origins_cards(filters),
        top_customers_card(filters, query),
        recent_orders_card(filters, query),
    ],
    columns=2,
)
