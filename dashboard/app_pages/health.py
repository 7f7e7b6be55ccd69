"""Data health: is everything here? Each day against Shopify's own count, and how changes came in."""

from __future__ import annotations

import streamlit as st

from core.sync import runs
from dashboard import live_reads
from dashboard.parts import notices
from dashboard.parts.health import checks, days, refusals, warnings
from dashboard.parts.page import begin_report
from dashboard.parts.stores import syncs

RUNS = 20

viewer, filters = begin_report("Data health", compares=False)
store = filters.store
checked_days = live_reads.checked_days(store.key, filters.period)
faulty_outside = live_reads.count_faulty_outside(store.key, filters.period)
if checked_days or faulty_outside:
    days.draw_verdict(checked_days, faulty_outside, filters)
is_checking = checks.draw_check(viewer, store, filters.now)
if not checked_days and not faulty_outside and not is_checking:
    checks.draw_before_first(viewer, store)

notices.draw_orders_left_out(filters, "They count among the orders of their days, but in no total of a day.")
warnings.draw_unreadable(live_reads.unreadable(store.key, warnings.NAMED))
warnings.draw_unknown_sales(live_reads.unknown_sales(store.key, warnings.NAMED))
days.draw_missing_totals(checked_days, store)
days.draw_audit(live_reads.last_audit(store.key), filters)
days.draw_arrivals(live_reads.arrivals(store.key, filters.period))
days.draw_unequal_days(checked_days, filters)
if checked_days:
    days.draw_calendar(checked_days, filters)
refusals.draw_refusals(live_reads.refusals(store.key, filters.period), filters)

history = runs.recent(store.key, limit=RUNS)
if history:
    with st.expander("Past syncs", icon=":material/history:"):
        syncs.draw_history(store, history, filters.now)
