"""Returns and refunds: what came back, of which products and why, by return day or by the orders of the period."""

from __future__ import annotations

import streamlit as st

from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import FIRST_SORT
from dashboard import reads
from dashboard.drawing import return_words
from dashboard.parts import notices
from dashboard.parts import returns as parts
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

viewer, filters = begin_report("Returns and refunds")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
left_out = notices.draw_orders_left_out(filters)
basis = parts.draw_basis()
if basis is Basis.RETURN_DAY:
    before = reads.returns(*filters.cache_key, compared) if compared else None
    draw_figures(parts.BY_RETURN_DAY, reads.returns(*filters.cache_key, period), before, filters)
else:
    cohort = reads.cohort_returns(*filters.cache_key, period)
    earlier = reads.cohort_returns(*filters.cache_key, compared) if compared else None
    draw_figures(parts.BY_ORDER_DAY, cohort, None if parts.is_open(filters) else earlier, filters)
parts.draw_difference(filters, basis)

parts.draw_over_time(filters, basis)

left, right = st.columns(2)
with left:
    parts.draw_products(filters, basis)
with right:
    parts.draw_reasons(filters, basis)
    parts.draw_return_reasons(filters)

search = draw_search("find_return", "Order number or reason")
count = reads.count_returned_orders(*filters.cache_key, period, basis, search)
page = list_page(FIRST_SORT[basis], count, store_id, period, basis, search, filters.currency)
rows = reads.returned_orders(*filters.cache_key, period, basis, search, ROWS, page.offset, page.sort)
draw_list(
    return_words.list_title(count),
    return_words.list_records(rows),
    parts.list_columns(filters.store.shop_domain, st.query_params.to_dict()),
    page,
    filters,
    csv=parts.csv_of("returned-orders", filters, basis, search=search, sort=page.sort_parameter),
    empty="Nothing came back that matches. Clear the search or choose a longer period.",
)
