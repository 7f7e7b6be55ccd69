"""Parts of the Webhook log: what failed, the counts by state, the columns of its lists, and one webhook in detail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta

import streamlit as st

from core.accounts import Action, may
from core.database import StoreKey
from core.metrics.deliveries import DeliveryKey, DeliveryRow, DeliveryState
from core.webhooks import retry
from core.webhooks.body import read_body
from dashboard import live_reads
from dashboard.addresses import customer_address, order_address, product_address, webhook_address
from dashboard.drawing import formats
from dashboard.drawing.records import Record
from dashboard.drawing.topic_words import topic_text
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import links
from dashboard.parts.actions import run_action
from dashboard.parts.columns import Column, Kind
from dashboard.parts.figures import draw_values
from dashboard.parts.records import RecordPage
from dashboard.parts.tables import draw_badges
from dashboard.state import Viewer, messages

LABELS = {
    DeliveryState.APPLIED: "Applied",
    DeliveryState.PENDING: "Waiting",
    DeliveryState.UNCONFIRMED: "Unconfirmed",
    DeliveryState.IGNORED: "Ignored",
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
    """Draw the number of deliveries by state, unless all are applied: then the list's title says it."""
    states = [state for state in LABELS if counts[state]]
    if set(states) <= {DeliveryState.APPLIED}:
        return
    draw_values(
        "Webhooks by state", [(LABELS[state], formats.count(counts[state]), _MEANINGS[state]) for state in states]
    )


def draw_news(viewer: Viewer, filters: Filters) -> None:
    """Draw in one sentence whether anything failed, and of what failed, why it is not lost and what to do."""
    store = filters.store.key
    by_topic = live_reads.failed_by_topic(store)
    day = live_reads.received_since(store, filters.now - timedelta(days=1))
    if by_topic:
        _draw_failed(viewer, store, by_topic)
    if day.failed:
        return
    received = f"{formats.counted(day.received, 'webhook')} received" if day.received else "no webhook received"
    st.markdown(f":material/check_circle: **Nothing failed in the last 24 hours**; {received}.")


def _draw_failed(viewer: Viewer, store: StoreKey, by_topic: Mapping[str, int]) -> None:
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
            label = f"Retry: {plain(topic_text(topic))} ({formats.count(count)})"
            if st.button(label, key=f"again-{topic}", icon=":material/replay:"):
                _retry_topic(viewer, store.store_id, topic)


def delivery_records(deliveries: Iterable[DeliveryRow]) -> list[Record]:
    """Deliveries as rows of a table: state and topic in words, `record` the order's name or the record's id."""
    return [
        asdict(delivery)
        | {
            "state": LABELS[delivery.state].lower(),
            "topic_text": topic_text(delivery.topic),
            "record": delivery.order_name or _text(delivery.record_id),
        }
        for delivery in deliveries
    ]


def list_columns(shop_domain: str, query: Mapping[str, str]) -> dict[str, Column]:
    """The columns of the log; `query` is the address's, for the links to a webhook and to its record."""

    def opened(row: Record) -> str:
        return webhook_address(shop_domain, row["delivery_id"], query)

    def record(row: Record) -> str | None:
        if row["order_name"]:
            return order_address(shop_domain, row["record_id"], query)
        if not row["record_id"]:
            return None
        match row["topic"]:
            case "products/create" | "products/update":
                return product_address(shop_domain, row["record_id"], query)
            case "customers/create" | "customers/update":
                return customer_address(shop_domain, f"c:{row['record_id']}", query)
        return None

    return {
        "received_at": Column("Received", Kind.PRECISE_INSTANT, sort=DeliveryKey.RECEIVED, link=opened),
        "topic_text": Column("What happened", sort=DeliveryKey.TOPIC, note="topic"),
        "record": Column("Record", help="The order, or the id of another record.", link=record),
        "state": Column("State", Kind.STATUS, sort=DeliveryKey.STATE),
        "attempts": Column("Attempts", Kind.COUNT, sort=DeliveryKey.ATTEMPTS),
        "reason": Column("Reason"),
    }


def draw_none(filters: Filters) -> None:
    """Draw why the period has no deliveries, and what to do."""
    with st.container(border=True):
        st.subheader(":material/inbox: No webhooks in this period", anchor=False)
        if filters.store.webhook_note:
            st.markdown(f"{plain(filters.store.webhook_note)} Until then, the scheduled syncs bring everything in.")
        else:
            st.markdown("Shopify sends one as soon as somebody orders. Choose a longer period above.")


def draw_delivery(page: RecordPage, delivery: DeliveryRow) -> None:
    """Draw one webhook: its topic and state, its times, its reason, its order, a retry and what Shopify sent."""
    zone = page.store.time_zone
    st.title(plain(topic_text(delivery.topic)), anchor=False)
    messages.show()
    draw_badges([LABELS[delivery.state].lower()])
    st.caption(f"{_MEANINGS[delivery.state]} {plain(page.store.name)}, in the store’s time ({zone.key}).")
    times = {
        "Happened": formats.precise_instant(delivery.triggered_at, zone),
        "Received": formats.precise_instant(delivery.received_at, zone),
        "Applied" if delivery.state == DeliveryState.APPLIED else "Last attempt": formats.precise_instant(
            delivery.applied_at, zone
        ),
        **({"Next retry": formats.precise_instant(delivery.retry_at, zone)} if delivery.retry_at else {}),
        "Attempts": formats.count(delivery.attempts),
        "Topic at Shopify": plain(delivery.topic),
        "Id in Xeno": str(delivery.delivery_id),
    }
    with st.grid(3, min_column_width=150, gap="small"):
        for label, value in times.items():
            st.markdown(f"{label}  \n**{value}**")
    if delivery.reason:
        st.markdown(f":material/info: {plain(delivery.reason)}")
    if delivery.order_name and delivery.record_id:
        address = order_address(page.shop_domain, delivery.record_id, page.query)
        links.draw_page_link(address, f"Order {plain(delivery.order_name)}", ":material/receipt_long:")
    elif delivery.record_id:
        st.caption(f"Record {delivery.record_id}")
    _draw_retry(page, delivery)
    if not delivery.size:
        st.caption("The body is deleted: bodies are kept for some time only.")
    elif may(page.viewer.role, Action.INSPECT):
        _draw_body(page.viewer, page.store.store_id, delivery.delivery_id)


def _draw_retry(page: RecordPage, delivery: DeliveryRow) -> None:
    can_retry = delivery.state == DeliveryState.FAILED and may(page.viewer.role, Action.SYNC)
    key = f"again-{delivery.delivery_id}"
    if can_retry and st.button("Retry", key=key, icon=":material/replay:", type="primary"):
        run_action(
            lambda: retry.retry_one(page.viewer.actor, page.store.store_id, delivery.delivery_id),
            "The webhook is retried now.",
        )


def _draw_body(viewer: Viewer, store_id: int, delivery_id: int) -> None:
    if not st.toggle("Show what Shopify sent", key=f"body-{delivery_id}", help="It may name customers."):
        return
    # As code, which is plain text: an order's note may hold markup.
    body = read_body(viewer.actor, store_id, delivery_id)
    st.code(body, language=None, wrap_lines=True, height=400 if len(body) > _LONGEST_UNSCROLLED else "content")


def _retry_topic(viewer: Viewer, store_id: int, topic: str) -> None:
    run_action(lambda: retry.retry_topic(viewer.actor, store_id, topic), _retried_text)


def _retried_text(count: int) -> str:
    return f"{formats.counted(count, 'webhook')} {'is' if count == 1 else 'are'} retried now."


def _text(number: int | None) -> str | None:
    # Text, because a column of numbers would put commas into ids.
    return None if number is None else str(number)
