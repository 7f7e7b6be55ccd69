"""Cohorts: of the customers who began together, how many came back, and what they are worth."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.parts import cohorts as parts
from dashboard.parts import notices
from dashboard.parts.page import begin_report

viewer, filters = begin_report("Cohorts", compares=False, has_period=False)
parts.draw_values(filters)
with st.container(horizontal=True, vertical_alignment="bottom"):
    width = parts.draw_width()
    measure = parts.draw_measure()
    returns_on = parts.draw_returns(measure)
cohorts = reads.cohorts(*filters.cache_key, width, parts.first_open_day(filters), returns_on)
if not cohorts:
    notices.draw_no_orders(filters)
    st.stop()
parts.draw_table(cohorts, width, measure, returns_on, filters)
