"""Parts of the Webhooks page: counts by state, the failed ones with their buttons, and one in detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pandas as pd
import streamlit as st

from core.accounts import Action, may
from core.database import StoreKey
from core.errors import XenoError
from core.metrics.deliveries import DeliveryRow, DeliveryState
from core.webhooks import retry
from core.webhooks.body import read_body
from dashboard import live_reads
from dashboard.drawing import formats, frames
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.actions import run_action
from dashboard.state import Viewer, messages

LABELS = {
    DeliveryState.APPLIED: "Applied",
    DeliveryState.PENDING: "Waiting",
    DeliveryState.UNCONFIRMED: "Unconfirmed",
    DeliveryState.IGNORED: "Skipped",
    DeliveryState.FAILED: "Failed",
}
_LONGEST_UNSCROLLED = 500
"""Characters of a body that is shown without a scroll bar of its own."""
_MEANINGS = {
    DeliveryState.APPLIED: "Its content is in the figures.",
    DeliveryState.PENDING: "Received. It is applied within seconds.",
    DeliveryState.UNCONFIRMED: (
        "It deletes something, or may be for another shop. It is applied once Shopify confirms it."
    ),
    DeliveryState.IGNORED: "It changes no figure. The list gives the reason.",
    DeliveryState.FAILED: "It could not be applied. The list gives the reason. It is kept for at least 90 days.",
}


def draw_counts(counts: Mapping[DeliveryState, int]) -> None:
    """Draw the number of deliveries by state."""
    with st.grid(5, min_column_width=130, gap="small"):
        for state, label in LABELS.items():
            st.metric(label, formats.count(counts[state]), help=_MEANINGS[state], border=True)


def draw_failed(viewer: Viewer, store: StoreKey) -> None:
    """Draw the number of failed deliveries of all time, with a retry for each topic."""
    by_topic = live_reads.failed_by_topic(store)
    if not by_topic:
        return
    st.warning(
        f"**{formats.counted(sum(by_topic.values()), 'webhook')} failed.** Xeno retries each for most of a day, at "
        "growing intervals. After that it waits for your retry, for instance after an update. Changed orders, "
        "customers and products come in with the next sync in any case.",
        icon=":material/warning:",
    )
    if not may(viewer.role, Action.SYNC):
        return
    with st.container(horizontal=True):
        for topic, count in by_topic.items():
            label = f"Retry: {plain(topic)} ({formats.count(count)})"
            if st.button(label, key=f"again-{topic}", icon=":material/replay:"):
                _retry_topic(viewer, store.store_id, topic)


def table(deliveries: Sequence[DeliveryRow]) -> pd.DataFrame:
    """The deliveries as a table, with their states in words."""
    frame = frames.table(deliveries, [field.name for field in fields(DeliveryRow)])
    frame["state"] = [LABELS[delivery.state] for delivery in deliveries]
    # Text, because a column of numbers would put commas into ids.
    frame["number"] = [str(delivery.delivery_id) for delivery in deliveries]
    frame["reason"] = [delivery.reason or "" for delivery in deliveries]
    return frame


def draw_details(viewer: Viewer, filters: Filters, deliveries: Sequence[DeliveryRow]) -> None:
    """Draw the choice of one listed delivery, and its details: why it failed, what Shopify sent, and a retry."""
    by_id = {delivery.delivery_id: delivery for delivery in deliveries}
    with st.container(border=True):
        st.subheader("Details", anchor=False)
        chosen = st.selectbox(
            "Webhook",
            list(by_id),
            index=None,
            key="delivery",
            placeholder="Choose one from the list",
            format_func=lambda delivery_id: _label(by_id[delivery_id], filters) if delivery_id in by_id else "",
        )
        if chosen in by_id:
            _draw_delivery(viewer, filters, by_id[chosen])


def draw_none(filters: Filters) -> None:
    """Draw why the period has no deliveries, and what to do."""
    with st.container(border=True):
        st.subheader(":material/inbox: No webhooks in this period", anchor=False)
        if filters.store.webhook_note:
            st.markdown(f"{plain(filters.store.webhook_note)} Until then, the scheduled syncs bring everything in.")
        else:
            st.markdown("Shopify sends one as soon as somebody orders. Choose a longer period above.")


def _label(delivery: DeliveryRow, filters: Filters) -> str:
    received = formats.instant(delivery.received_at, filters.store.time_zone)
    return f"{delivery.delivery_id} · {delivery.topic} · {received} · {LABELS[delivery.state]}"


def _draw_delivery(viewer: Viewer, filters: Filters, delivery: DeliveryRow) -> None:
    zone, store_id = filters.store.time_zone, filters.store.store_id
    happened, received = formats.instant(delivery.triggered_at, zone), formats.instant(delivery.received_at, zone)
    attempts = formats.counted(delivery.attempts, "attempt")
    st.caption(f"Happened {happened}, received {received}, {attempts}.")
    if delivery.reason:
        st.markdown(f":material/info: {plain(delivery.reason)}")
    can_retry = delivery.state == DeliveryState.FAILED and may(viewer.role, Action.SYNC)
    key = f"again-{delivery.delivery_id}"
    if can_retry and st.button("Retry", key=key, icon=":material/replay:", type="primary"):
        run_action(
            lambda: retry.retry_one(viewer.actor, store_id, delivery.delivery_id), "The webhook is retried now."
        )
    if not delivery.size:
        st.caption("The body is deleted: bodies are kept for some time only.")
    elif may(viewer.role, Action.INSPECT):
        _draw_body(viewer, store_id, delivery.delivery_id)


def _draw_body(viewer: Viewer, store_id: int, delivery_id: int) -> None:
    if not st.toggle("Show what Shopify sent", key=f"body-{delivery_id}", help="It may name customers."):
        return
    # As code, which is plain text: an order's note may hold markup.
    body = read_body(viewer.actor, store_id, delivery_id)
    st.code(body, language=None, wrap_lines=True, height=400 if len(body) > _LONGEST_UNSCROLLED else "content")


def _retry_topic(viewer: Viewer, store_id: int, topic: str) -> None:
    try:
        count = retry.retry_topic(viewer.actor, store_id, topic)
        messages.leave_success(f"{formats.counted(count, 'webhook')} {'is' if count == 1 else 'are'} retried now.")
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()
