"""Deliveries: what Shopify sent, what came of it, and another try for what failed."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.metrics.deliveries import State
from dashboard import filters, state
from dashboard.parts import components, delivery_parts, downloads, operations
from dashboard.parts.components import Column, Kind
from dashboard.parts.delivery_parts import LABELS
from dashboard.state import messages

ROWS = 50
ALL_TOPICS, ALL_STATES = "All topics", "All"
STATES = {ALL_STATES: State.ALL} | {label: of for of, label in LABELS.items()}

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now, compares=False)
if chosen is None:
    st.title("Deliveries", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Deliveries", viewer, chosen)
messages.show()
period, store_id = chosen.period, chosen.store.store_id
delivery_parts.failed(viewer, store_id)

left, right = st.columns(2)
topics = operations.delivery_topics(viewer.tenant_id, store_id, period)
picked = left.selectbox("Topic", [ALL_TOPICS, *topics], key="topic", bind="query-params")
label = right.selectbox("State", list(STATES), key="state", bind="query-params")
topic = picked if picked in topics else ""
wanted = STATES.get(label, State.ALL)

counts = operations.delivery_counts(viewer.tenant_id, store_id, period, topic)
delivery_parts.figures(counts)
if not counts[State.ALL]:
    delivery_parts.none(chosen)
    st.stop()

listed = st.container()
before = components.pages(counts[wanted], ROWS, "deliveries", store_id, period, topic, wanted)
rows = operations.delivery_list(viewer.tenant_id, store_id, period, topic, wanted, ROWS, before)
with listed:
    components.table(
        delivery_parts.counted(counts[wanted]),
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
        chosen,
        csv=downloads.address("deliveries", store_id, period, topic=topic, state=str(wanted)),
        empty="No delivery of this period matches. Choose another topic, state or period.",
    )
delivery_parts.one(viewer, chosen, rows)
