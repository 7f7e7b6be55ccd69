"""Deliveries: what Shopify sent, what came of it, and another try for what failed."""

from __future__ import annotations

import streamlit as st

from core.metrics.deliveries import State
from dashboard.parts import delivery_parts, downloads, operations
from dashboard.parts.cards import draw_pagination, draw_table
from dashboard.parts.columns import Column, Kind
from dashboard.parts.delivery_parts import LABELS
from dashboard.parts.page import begin_report

ROWS = 50
ALL_TOPICS, ALL_STATES = "All topics", "All"
STATES = {ALL_STATES: State.ALL} | {label: of for of, label in LABELS.items()}

viewer, filters = begin_report("Deliveries", compares=False)
period, store = filters.period, filters.store.key
delivery_parts.failed(viewer, store)

left, right = st.columns(2)
topics = operations.delivery_topics(store, period)
chosen_topic = left.selectbox("Topic", [ALL_TOPICS, *topics], key="topic", bind="query-params")
label = right.selectbox("State", list(STATES), key="state", bind="query-params")
topic = chosen_topic if chosen_topic in topics else ""
chosen_state = STATES.get(label, State.ALL)

counts = operations.delivery_counts(store, period, topic)
delivery_parts.figures(counts)
if not counts[State.ALL]:
    delivery_parts.none(filters)
    st.stop()

table = st.container()
offset = draw_pagination(counts[chosen_state], ROWS, "deliveries", store.store_id, period, topic, chosen_state)
rows = operations.delivery_list(store, period, topic, chosen_state, ROWS, offset)
with table:
    draw_table(
        delivery_parts.counted(counts[chosen_state]),
        delivery_parts.table(rows),
        {
            "number": Column("No.", pinned=True),
            "received_at": Column("Received", Kind.INSTANT),
            "topic": Column("Topic"),
            "state": Column("State"),
            "attempts": Column("Tries", Kind.COUNT),
            "size": Column("Bytes", Kind.COUNT),
            **({"retry_at": Column("Next try", Kind.INSTANT)} if any(row.retry_at for row in rows) else {}),
            "reason": Column("Why"),
        },
        filters,
        csv=downloads.address("deliveries", store.store_id, period, topic=topic, state=str(chosen_state)),
        empty="No delivery of this period matches. Choose another topic, state or period.",
    )
delivery_parts.one(viewer, filters, rows)
