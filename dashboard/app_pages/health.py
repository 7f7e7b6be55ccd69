"""Data health: is everything here? Each day against Shopify's own count, and how changes come in."""

from __future__ import annotations

import streamlit as st

from core.sync import runs
from dashboard.parts import health_parts, health_warnings, notices, operations, store_card
from dashboard.parts.page import begin_report

RUNS = 20

viewer, filters = begin_report("Data health", compares=False)
notices.draw_orders_left_out(filters, "They count among the orders of their days, and in no total of a day.")
store = filters.store
shown = health_parts.shown(filters)
days = operations.checked_days(store.key, shown)
health_parts.figures(days, operations.arrivals(store.key, filters.period))
health_parts.unreadable(operations.unreadable(store.key, health_parts.NAMED))
health_warnings.unknown_sales(operations.unknown_sales(store.key, health_parts.NAMED))
checking = health_parts.check(viewer, store, filters.now)
health_parts.totals(days, store)

if days:
    health_parts.calendar(days, shown, store)
    health_parts.differing(days, store)
    health_parts.uncompared(days)
    health_parts.odd_days(days, shown, filters)
elif not checking:
    health_parts.nothing_yet(viewer, store)

history = runs.recent(store.key, limit=RUNS)
if history:
    with st.expander("Past syncs", icon=":material/history:"):
        store_card.draw_history(store, history)
