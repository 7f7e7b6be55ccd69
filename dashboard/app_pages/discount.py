"""Discount: what one code or automatic discount took off, whom it brought, and its orders."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import local_day
from core.metrics.orders.discount import parse_key
from dashboard import reads
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import discounts as parts
from dashboard.parts.records import begin_record, draw_filters, draw_missing

page = begin_record("discounts", "Discounts")
filters = draw_filters(page)
period, compared = filters.period, filters.compared
key = parse_key(page.query.get("discount", ""))
if key is None:
    draw_missing()
today = local_day(page.now, page.store.time_zone)
row = reads.discount(*filters.cache_key, period, today, key)
st.title(plain((row.label if row else key.code) or parts.UNKNOWN), anchor=False)
st.caption(formats.status_text(key.kind))
if row is None:
    st.markdown("No order of this period used this discount. Choose a longer period.")
    st.stop()
before = reads.discount(*filters.cache_key, compared, today, key) if compared else None
parts.draw_one(filters, row, before)
parts.draw_over_time(filters, key)
parts.draw_orders(filters, key, row.orders)
