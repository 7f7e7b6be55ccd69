"""Webhooks: what Shopify sent, whether it was applied, and a retry of what failed."""

from __future__ import annotations

import streamlit as st

from dashboard import live_reads
from dashboard.addresses import csv_address
from dashboard.drawing import formats
from dashboard.parts import deliveries
from dashboard.parts.cards import draw_pagination, draw_table
from dashboard.parts.columns import Column, Kind
from dashboard.parts.page import begin_report

ROWS = 50
ALL_TOPICS, ALL_STATES = "All topics", "All"
STATES = {ALL_STATES: None} | {label: state for state, label in deliveries.LABELS.items()}

viewer, filters = begin_report("Webhooks", compares=False)
period, store = filters.period, filters.store.key
deliveries.draw_failed(viewer, store)

left, right = st.columns(2)
topics = live_reads.delivery_topics(store, period)
chosen_topic = left.selectbox("Topic", [ALL_TOPICS, *topics], key="topic", bind="query-params")
chosen_state = right.selectbox("State", list(STATES), key="state", bind="query-params")
# A browser may send a choice that the list does not offer.
topic = chosen_topic if chosen_topic in topics else ""
state = STATES.get(chosen_state)

counts = live_reads.delivery_counts(store, period, topic)
deliveries.draw_counts(counts.by_state)
if not counts.total:
    deliveries.draw_none(filters)
    st.stop()

table = st.container()
offset = draw_pagination(counts.of(state), ROWS, "deliveries", store.store_id, period, topic, state)
rows = live_reads.delivery_list(store, period, topic, state, ROWS, offset)
with table:
    draw_table(
        formats.counted(counts.of(state), "webhook"),
        deliveries.table(rows),
        {
            "number": Column("No.", pinned=True),
            "received_at": Column("Received", Kind.INSTANT),
            "topic": Column("Topic"),
            "state": Column("State"),
            "attempts": Column("Attempts", Kind.COUNT),
            "size": Column("Bytes", Kind.COUNT),
            **({"retry_at": Column("Next retry", Kind.INSTANT)} if any(row.retry_at for row in rows) else {}),
            "reason": Column("Reason"),
        },
        filters,
        csv=csv_address("deliveries", store.store_id, period, topic=topic, state=state or ""),
        empty="No webhook of this period matches. Choose another topic, state or period.",
    )
deliveries.draw_details(viewer, filters, rows)
