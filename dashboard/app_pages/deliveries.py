"""Webhook log: what Shopify sent, whether it was applied, and a retry of what failed."""

from __future__ import annotations

import streamlit as st

from core.metrics.deliveries import NEWEST_FIRST
from dashboard import live_reads
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.parts import deliveries
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

ALL_TOPICS, ALL_STATES = "All topics", "All"
STATES = {ALL_STATES: None} | {label: state for state, label in deliveries.LABELS.items()}

viewer, filters = begin_report("Webhook log", compares=False)
period, store = filters.period, filters.store.key
deliveries.draw_news(viewer, filters)

left, middle, right = st.columns(3)
with left:
    search = draw_search("find_webhook", "Order number or record id")
topics = live_reads.delivery_topics(store, period)
chosen_topic = middle.selectbox("Topic", [ALL_TOPICS, *topics], key="topic", bind="query-params")
chosen_state = right.selectbox("State", list(STATES), key="state", bind="query-params")
# A browser may send a choice that the list does not offer.
topic = chosen_topic if chosen_topic in topics else ""
state = STATES.get(chosen_state)

counts = live_reads.delivery_counts(store, period, topic, search)
deliveries.draw_counts(counts.by_state)
if not topics:
    deliveries.draw_none(filters)
    st.stop()

page = list_page(NEWEST_FIRST, counts.of(state), store.store_id, period, topic, state, search)
rows = live_reads.delivery_list(store, period, topic, state, ROWS, page.offset, search, page.sort)
draw_list(
    formats.counted(counts.of(state), "webhook"),
    deliveries.delivery_records(rows),
    deliveries.list_columns(filters.store.shop_domain, st.query_params.to_dict()),
    page,
    filters,
    csv=csv_address(
        "deliveries",
        store.store_id,
        period,
        topic=topic,
        state=state or "",
        search=search,
        sort=page.sort_parameter,
    ),
    empty="No webhook of this period matches. Clear the search, or choose another topic, state or period.",
)
