"""All stores: the stores of a business side by side, and summed in one currency."""

from __future__ import annotations

import streamlit as st

from core import exchange
from dashboard import filters
from dashboard.parts import first_steps
from dashboard.parts.all_stores import over_time, rates, side_by_side
from dashboard.parts.page import begin

viewer, now = begin("All stores", follows_stores=True)
if not viewer.stores:
    first_steps.draw_first_steps(viewer, now)
    st.stop()

filters.take_over(viewer, now)
days = filters.draw_days_bar(viewer, now)
into = exchange.report_currency(viewer.tenant_id, viewer.stores)
query = st.query_params.to_dict()
together = side_by_side.load_stores(viewer.tenant_id, viewer.stores, days, into)

side_by_side.draw_stores(together, days, query)
side_by_side.draw_sum(together, into)
is_rate_missing = together.current is None and len(viewer.stores) > 1
if is_rate_missing:
    # The rate that is missing comes first, where it can be entered.
    rates.draw_rates(viewer, into, now)
over_time.draw_over_time(together, days, into)
side_by_side.draw_table(together, into, query)
side_by_side.draw_left_out(together)
if len(viewer.stores) == 1:
    st.caption("This business has one store. Connect another on the page Stores to compare them here.")
if not is_rate_missing:
    rates.draw_rates(viewer, into, now)
