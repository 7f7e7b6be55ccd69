"""Bought together: pairs of products of one order, and what customers who began with a product bought next."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from core.metrics.products.baskets import MOST_TOGETHER
from dashboard import reads
from dashboard.drawing import formats
from dashboard.parts import baskets as parts
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

viewer, filters = begin_report("Bought together", compares=False, has_period=False)
build = reads.basket_build(*filters.cache_key)
if build is None:
    parts.draw_not_built(filters)
    st.stop()
parts.draw_build(build, filters)
parts.draw_firsts(build, filters)

with st.container(horizontal=True, vertical_alignment="bottom"):
    fewest = parts.draw_fewest()
    search = draw_search("find_pair", "Product")
count = reads.count_pairs(*filters.cache_key, search, fewest)
page = list_page(MOST_TOGETHER, count, filters.store.store_id, search, fewest)
rows = reads.product_pairs(*filters.cache_key, search, fewest, ROWS, page.offset, page.sort)
draw_list(
    formats.counted(count, "pair"),
    [asdict(row) for row in rows],
    parts.pair_columns(filters, st.query_params.to_dict()),
    page,
    filters,
    csv=parts.csv_of("bought-together", filters, search=search, fewest=fewest, sort=page.sort_parameter),
    empty="No pair has that many orders. Lower “Orders at least”, or clear the search.",
)
