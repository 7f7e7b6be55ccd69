"""Checkouts: what became of those begun in the period, one by one, and what was left behind."""

from __future__ import annotations

import streamlit as st

from core.metrics.checkouts.listing import NEWEST_FIRST
from core.metrics.searching import MOST_COUNTED
from dashboard import reads
from dashboard.parts import carts, notices
from dashboard.parts import checkouts as parts
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

viewer, filters = begin_report("Checkouts")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
notices.draw_orders_left_out(filters)
parts.draw_delay(viewer, filters)

aging = parts.aging_of(filters)
totals = reads.checkouts(*filters.cache_key, period, aging)
before = reads.checkouts(*filters.cache_key, compared, aging) if compared else None
draw_figures(parts.FIGURES, totals, before, filters)
parts.draw_unknown(totals)
grain = parts.draw_over_time(filters, aging)
carts.draw_carts(filters, aging, grain)

left, right = st.columns([2, 1])
with left:
    search = draw_search("find_checkout", "Name or email")
with right:
    state = parts.draw_state()
count = reads.count_checkouts(*filters.cache_key, period, aging, state, search)
most = MOST_COUNTED if search else None
page = list_page(NEWEST_FIRST, count, store_id, period, state, search, filters.currency, most=most)
rows = reads.checkout_list(*filters.cache_key, period, aging, state, search, ROWS, page.offset, page.sort)
draw_list(
    page.title("checkout"),
    parts.records(rows, filters.store.time_zone),
    parts.list_columns(rows, filters.store.shop_domain, st.query_params.to_dict()),
    page,
    filters,
    csv=parts.csv_of_list(filters, state, search, page.sort_parameter),
    empty="No checkout of this period matches. Clear the search, choose another status or a longer period.",
)
