"""Data health: is everything here? Each day against Shopify's own count, and how changes come in."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.sync import runs
from dashboard import filters, state
from dashboard.parts import components, health_parts, health_warnings, operations, store_card
from dashboard.state import messages

RUNS = 20

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now, compares=False)
if chosen is None:
    st.title("Data health", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Data health", viewer, chosen)
messages.show()
components.show_left_out(chosen, "They count among the orders of their days, and in no total of a day.")
store = chosen.store
shown = health_parts.shown(chosen)
days = operations.checked_days(viewer.tenant_id, store.store_id, shown)
health_parts.figures(days, operations.arrivals(viewer.tenant_id, store.store_id, chosen.period))
health_parts.unreadable(operations.unreadable(viewer.tenant_id, store.store_id, health_parts.NAMED))
health_warnings.unknown_sales(operations.unknown_sales(viewer.tenant_id, store.store_id, health_parts.NAMED))
checking = health_parts.check(viewer, store, now)
health_parts.totals(days, store)

if days:
    health_parts.calendar(days, shown, store)
    health_parts.differing(days, store)
    health_parts.uncompared(days)
    health_parts.odd_days(days, shown, chosen)
elif not checking:
    health_parts.nothing_yet(viewer, store)

history = runs.recent(store.key, limit=RUNS)
if history:
    with st.expander("Past syncs", icon=":material/history:"):
        store_card.draw_history(store, history)
