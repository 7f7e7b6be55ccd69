"""Stock: how long it lasts, at all locations or at one, and what to reorder before it ends."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.metrics.products.stock import SOONEST_FIRST, StockQuestion
from dashboard import reads
from dashboard.drawing import formats
from dashboard.parts import stock as parts
from dashboard.parts.figures import draw_figures
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

viewer, filters = begin_report("Stock", compares=False, has_period=False)
locations = reads.stock_locations(*filters.cache_key)
with st.container(horizontal=True, vertical_alignment="bottom"):
    location_id = parts.draw_location(locations)
    plan = parts.draw_plan()
    shown = parts.draw_shown()
question = StockQuestion(filters.period, parts.today(filters), location_id, plan, shown)
summary = reads.stock_summary(*filters.cache_key, question)
draw_figures(parts.FIGURES, summary, None, filters)
parts.draw_notes(summary, location_id)

question = replace(question, search=draw_search("find_stock", "Product, variant or SKU"))
count = reads.count_stock(*filters.cache_key, question)
page = list_page(SOONEST_FIRST, count, filters.store.store_id, question)
question = replace(question, sort=page.sort, limit=ROWS, offset=page.offset)
draw_list(
    f"{formats.counted(count, 'variant')}{parts.title_end(shown)}",
    parts.stock_records(reads.stock(*filters.cache_key, question)),
    parts.stock_columns(filters, st.query_params.to_dict()),
    page,
    filters,
    csv=parts.csv_of("stock", filters, question, sort=page.sort_parameter),
    empty="No variant matches. Clear the search, or show all variants.",
)
parts.draw_location_file(locations, filters, question)
