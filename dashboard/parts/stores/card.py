"""A store's card on the Stores page: state, freshness, one next step, its syncs, and the rest behind expanders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core import stores
from core.accounts import Action, may
from core.connections import connect
from core.stores import StoreState, StoreView, history
from core.sync import refetch, remap, runs
from core.sync.refetch import Settled
from core.sync.runs import RunState, RunView
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import work
from dashboard.parts.actions import run_action
from dashboard.parts.stores import access, contents, imports, next_step, syncs
from dashboard.parts.stores.next_step import Cure
from dashboard.parts.work import Progress
from dashboard.state import Viewer, messages

_BADGES = {
    StoreState.CONNECTED: ("Connected", ":material/check_circle:", "green"),
    StoreState.RECONNECT: ("Reconnect it", ":material/warning:", "orange"),
    StoreState.DISCONNECTED: ("Disconnected", ":material/link_off:", "gray"),
}


def draw_card(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the card."""
    past = runs.recent(store.key, limit=syncs.SHOWN)
    # The runs are read first. In the other order, a run that ends in between would be shown without its effect.
    store = stores.find(store.key)
    with st.container(border=True):
        _draw_head(store, now)
        last_run = past[0] if past else None
        step = next_step.choose_step(store, history.find_cut(store), last_run, now)
        next_step.draw_step(viewer, store, step, now)
        _draw_buttons(viewer, store, past, step.cure == Cure.SYNC, now)
        messages.show(messages.place_of_store(store.store_id))
        syncs.draw_sync(viewer, store, past, now)
        imports.draw_import(viewer, store, now)
        if remap.progress(store.key):
            work.draw_progress(
                viewer, f"remap-{store.store_id}", lambda now: _read_remap(store), lambda: _leave_remap_end(store)
            )
        _draw_details(viewer, store, past, now)


def _draw_head(store: StoreView, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(store.name), anchor=False, width="content")
        label, icon, color = _BADGES[store.state]
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]  # one of Streamlit's literals
    since = formats.day(store.connected_at.astimezone(store.time_zone))
    st.caption(f"{plain(store.shop_domain)} · {store.currency} · {plain(store.time_zone.key)} · connected {since}")
    st.markdown(f":material/update: {_freshness(store, now)}")
    contents.draw_contents(store, imports.last_finished_at(store))


def _freshness(store: StoreView, now: datetime) -> str:
    if store.complete_until is None and store.state == StoreState.DISCONNECTED:
        return "Nothing has been synced yet."
    if store.complete_until is None:
        return "First sync not finished: figures are not complete yet."
    until = f"Complete up to {formats.clock(store.complete_until, store.time_zone, now)}"
    if store.state != StoreState.CONNECTED:
        return f"{until}; nothing newer arrives."
    newer = "newer orders come in live" if store.is_live else "newer orders come with the next sync"
    if store.last_ingest_at is None or store.last_ingest_at <= store.complete_until:
        return f"{until}; {newer}."
    return f"{until}; {newer} (last change {formats.ago(store.last_ingest_at, now)})."


def settled_text(settled: Settled) -> str | None:
    """The share of recent orders that were re-fetched with Shopify's own ledger; None without orders."""
    if settled.share is None:
        return None
    if not settled.waiting:
        return "All recent orders double-checked with Shopify."
    # Rounded down: 100 % would say that no order waits.
    percent = min(99, int(settled.share * 100))
    waiting = f"{formats.count(settled.waiting)} of {formats.count(settled.orders)}"
    return f"{percent}% of recent orders double-checked with Shopify, {waiting} to go."


def _read_remap(store: StoreView) -> Progress | None:
    progress = remap.progress(store.key)
    return Progress(progress.share, remap_text(progress)) if progress else None


def _leave_remap_end(store: StoreView) -> None:
    messages.leave_success("Past figures are updated.", messages.place_of_store(store.store_id))


def remap_text(progress: remap.Progress) -> str:
    """The progress of a remap of past orders, with the reason of a wait."""
    text = f"Updating past figures: {formats.count(progress.done)} of {formats.count(progress.total)} orders"
    return f"{text}. Paused, and continues by itself: {plain(progress.error)}" if progress.error else text


def _draw_buttons(viewer: Viewer, store: StoreView, past: Sequence[RunView], is_step: bool, now: datetime) -> None:
    if store.state != StoreState.CONNECTED or not may(viewer.role, Action.SYNC):
        return
    # A queued run has not begun, so it will read everything that a further one would.
    is_queued = any(run.state == RunState.QUEUED for run in past)
    store_id, place = store.store_id, messages.place_of_store(store.store_id)
    with st.container(horizontal=True):
        if st.button(
            "Sync now",
            key=f"sync-{store_id}",
            icon=":material/sync:",
            type="primary" if is_step else "secondary",
            disabled=is_queued,
            help="A sync already waits for its turn." if is_queued else None,
        ):
            run_action(lambda: runs.request_sync(viewer.actor, store_id, now), place=place)
        is_active = any(run.active for run in past)
        if is_active and st.button("Cancel the sync", key=f"cancel-{store_id}", icon=":material/cancel:"):
            run_action(lambda: runs.cancel(viewer.actor, store_id, now), place=place)


def _draw_details(viewer: Viewer, store: StoreView, past: Sequence[RunView], now: datetime) -> None:
    """Draw the rest: the orders double-checked; closed, permissions, past syncs, imports, and disconnecting."""
    settled = settled_text(refetch.count_settled(store, now))
    if settled:
        st.caption(f":material/done_all: {settled}")
    if store.state != StoreState.DISCONNECTED:
        with st.expander(f"Permissions: {access.summary(store)}", icon=":material/key:", type="compact"):
            access.draw_permissions(store)
    if past:
        with st.expander("Past syncs", icon=":material/history:", type="compact"):
            syncs.draw_history(store, past, now)
    imports.draw_section(viewer, store, now)
    if store.state != StoreState.DISCONNECTED and may(viewer.role, Action.CONNECT):
        with st.expander("Disconnect", icon=":material/link_off:", type="compact"):
            st.markdown("New orders no longer arrive. The synced data stays, and you can connect again at any time.")
            if st.button("Disconnect…", key=f"disconnect-{store.store_id}", icon=":material/link_off:"):
                _confirm_disconnect(viewer, store, now)


@st.dialog("Disconnect this store?")
def _confirm_disconnect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    st.write(
        f"New orders of {plain(store.name)} no longer arrive, and its credentials are deleted. "
        "The synced data stays. One secret stays too: it proves that privacy requests about this store come from "
        "Shopify. You can connect the store again at any time."
    )
    with st.container(horizontal=True):
        if st.button("Disconnect", type="primary", key="really-disconnect"):
            run_action(
                lambda: connect.disconnect(viewer.actor, store.store_id, now),
                f"{plain(store.name)} is disconnected. Its data is still here.",
                messages.place_of_store(store.store_id),
            )
        if st.button("Keep it connected", key="keep-connected"):
            st.rerun()
