"""Webhook log: what Shopify sent, whether it was applied, and a retry of what failed."""

from __future__ import annotations

import streamlit as st

from core.metrics.deliveries import COLUMNS, NEWEST_FIRST, sortable
from dashboard import live_reads
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.drawing.topic_words import topic_text
from dashboard.filters import WIDTH
from dashboard.parts import deliveries
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page, read_rows

ALL_TOPICS, ALL_STATES = "Everything", "All"
STATES = {ALL_STATES: None} | {label: state for state, label in deliveries.LABELS.items()}

viewer, filters = begin_report("Webhook log", compares=False)
period, store = filters.period, filters.store.key
deliveries.draw_news(viewer, filters)

topics = {topic_text(topic): topic for topic in live_reads.delivery_topics(store, period)}
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    # Two choices stand beside each other on a phone, below the search.
    search = draw_search("find_webhook", "Order number or record id", 340)
    chosen_topic = st.selectbox(
        "What happened", [ALL_TOPICS, *sorted(topics)], key="topic", bind="query-params", width=WIDTH
    )
    chosen_state = st.selectbox("State", list(STATES), key="state", bind="query-params", width=WIDTH)
# A browser may send a choice that the list does not offer.
topic, state = topics.get(chosen_topic, ""), STATES.get(chosen_state)

counts = live_reads.delivery_counts(store, period, topic, search)
deliveries.draw_counts(counts.by_state)
if not topics:
    deliveries.draw_none(filters)
    st.stop()

count, question = counts.of(state), (store.store_id, period, topic, state, search)
page = list_page(NEWEST_FIRST, count, *question, sorts=sortable(count), columns=COLUMNS)
list_query = (store, period, topic, state, ROWS)
rows, page = read_rows(
    page, lambda offset, cursor: live_reads.delivery_list(*list_query, offset, search, page.sort, cursor)
)
draw_list(
    formats.counted(count, "webhook"),
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
    empty="No webhook of this period matches. Clear the search, or choose another state or a longer period.",
)
