"""Segments: customers who are alike in when they last ordered, how often and for how much."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.metrics.customers.segments import BEST_FIRST
from dashboard import reads
from dashboard.drawing import formats
from dashboard.drawing.segment_words import NAMES
from dashboard.parts import segments as parts
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, list_page

viewer, filters = begin_report("Segments", compares=False, has_period=False)
build = reads.segment_build(*filters.cache_key)
if build is None:
    parts.draw_not_built(filters)
    st.stop()
parts.draw_build(build, filters)
rows = reads.segments(*filters.cache_key)
parts.draw_segments(rows, build, filters)

segment = parts.draw_choice()
count = next(row.customers for row in rows if row.segment is segment)
page = list_page(BEST_FIRST, count, filters.store.store_id, segment)
members = reads.segment_members(*filters.cache_key, segment, ROWS, page.offset, page.sort)
draw_list(
    f"{NAMES[segment]}: {formats.counted(count, 'customer')}",
    parts.member_records(members),
    parts.member_columns(filters.store.shop_domain, st.query_params.to_dict()),
    page,
    filters,
    csv=parts.csv_of_members(segment, filters, page.sort_parameter),
    empty="No customer is in this segment now.",
)
parts.draw_readings(reads.shopify_readings(*filters.cache_key), datetime.now(UTC))
