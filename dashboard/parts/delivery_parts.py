"""The parts of the Deliveries page: counts by state, what failed with its buttons, and one delivery seen closely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pandas as pd
import streamlit as st

from core.accounts import Action, may
from core.database import StoreKey
from core.errors import XenoError
from core.metrics.deliveries import DeliveryRow, State
from core.webhooks import retry
from dashboard.drawing import formats, frames
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import operations
from dashboard.state import Viewer, messages

LABELS = {
    State.APPLIED: "Applied",
    State.PENDING: "Waiting",
    State.UNCONFIRMED: "Unconfirmed",
    State.IGNORED: "Set aside",
    State.FAILED: "Failed",
}
_SHORT = 500
"""Characters of a body that are shown whole, without scrolling in it."""
_MEANINGS = {
    State.APPLIED: "Its content is in the figures.",
    State.PENDING: "Received; it is applied within seconds.",
    State.UNCONFIRMED: "It deletes something, or may concern another shop. It is applied once Shopify confirms it.",
    State.IGNORED: "It changes no figure; the list says why.",
    State.FAILED: "It could not be applied; the list says why. It is kept for at least 90 days.",
}


def figures(counts: Mapping[State, int]) -> None:
    """How many deliveries there are of each state."""
    with st.grid(5, min_column_width=130, gap="small"):
        for which, label in LABELS.items():
            st.metric(label, formats.count(counts[which]), help=_MEANINGS[which], border=True)


def counted(count: int) -> str:
    """1 delivery · 2 deliveries."""
    return f"{formats.count(count)} {'delivery' if count == 1 else 'deliveries'}"


def failed(viewer: Viewer, store: StoreKey) -> None:
    """What failed, by topic, whenever it came, each with another try for all; nothing where nothing failed."""
    by_topic = operations.failed_by_topic(store)
    if not by_topic:
        return
    total = sum(by_topic.values())
    st.warning(
        f"**{counted(total)} failed.** Each is retried automatically for most of a day, at growing intervals. After "
        "that it waits here until you try it again, for instance after an update. Changed orders, customers and "
        "products come in with the next sync in any case.",
        icon=":material/warning:",
    )
    if not may(viewer.role, Action.SYNC):
        return
    with st.container(horizontal=True):
        for topic, count in by_topic.items():
            label = f"Try again: {plain(topic)} ({formats.count(count)})"
            if st.button(label, key=f"again-{topic}", icon=":material/replay:"):
                _all_again(viewer, store.store_id, topic)


def table(rows: Sequence[DeliveryRow]) -> pd.DataFrame:
    """The deliveries, with their states in words."""
    frame = frames.table(rows, [one.name for one in fields(DeliveryRow)])
    frame["state"] = [LABELS[State(each)] for each in frame["state"]]
    frame["number"] = [str(row.delivery_id) for row in rows]
    frame["reason"] = [row.reason or "" for row in rows]
    return frame


def one(viewer: Viewer, filters: Filters, rows: Sequence[DeliveryRow]) -> None:
    """One of the listed deliveries: why it failed, what Shopify sent, and another try."""
    by_id = {row.delivery_id: row for row in rows}
    with st.container(border=True):
        st.subheader("Look at one", anchor=False)
        picked = st.selectbox(
            "Delivery",
            list(by_id),
            index=None,
            key="delivery",
            placeholder="Choose one of the list",
            format_func=lambda each: _name(by_id[each], filters) if each in by_id else "",
        )
        if picked in by_id:
            _closely(viewer, filters, by_id[picked])


def none(filters: Filters) -> None:
    """The period has no deliveries: why that may be, and what to do."""
    with st.container(border=True):
        st.subheader(":material/inbox: Nothing was received in this period", anchor=False)
        if filters.store.webhook_note:
            st.markdown(f"{plain(filters.store.webhook_note)} Until then, the scheduled syncs bring everything in.")
        else:
            st.markdown("Shopify sends something as soon as somebody orders. Choose a longer period in the sidebar.")


def _name(row: DeliveryRow, filters: Filters) -> str:
    received = formats.instant(row.received_at, filters.store.time_zone)
    return f"{row.delivery_id} · {row.topic} · {received} · {LABELS[State(row.state)]}"


def _closely(viewer: Viewer, filters: Filters, row: DeliveryRow) -> None:
    zone = filters.store.time_zone
    happened = (
        f"Happened {formats.instant(row.triggered_at, zone)}, received {formats.instant(row.received_at, zone)}"
    )
    st.caption(f"{happened}, tried {formats.counted(row.attempts, 'time')}.")
    if row.reason:
        st.markdown(f":material/info: {plain(row.reason)}")
    may_try = row.state == State.FAILED and may(viewer.role, Action.SYNC)
    if may_try and st.button("Try again", key=f"again-{row.delivery_id}", icon=":material/replay:", type="primary"):
        _again(viewer, filters.store.store_id, row.delivery_id)
    if not row.size:
        st.caption("What Shopify sent is deleted by now: it is kept for some time only.")
    elif may(viewer.role, Action.INSPECT) and st.toggle(
        "Show what Shopify sent", key=f"body-{row.delivery_id}", help="It may name customers."
    ):
        # As code: shown as the text it is, whatever somebody typed into an order's note.
        body = retry.body(viewer.actor, filters.store.store_id, row.delivery_id)
        st.code(body, language=None, wrap_lines=True, height=400 if len(body) > _SHORT else "content")


def _again(viewer: Viewer, store_id: int, delivery_id: int) -> None:
    try:
        retry.again(viewer.actor, store_id, delivery_id)
        messages.leave_success("It is tried again now.")
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


def _all_again(viewer: Viewer, store_id: int, topic: str) -> None:
    try:
        count = retry.all_again(viewer.actor, store_id, topic)
        again = "delivery is" if count == 1 else "deliveries are"
        messages.leave_success(f"{formats.count(count)} {again} tried again now.")
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()
