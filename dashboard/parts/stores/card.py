"""A store's card on the Stores page: its state, how fresh its data is, its syncs, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core import stores
from core.accounts import Action, may
from core.connections import connect
from core.errors import XenoError
from core.stores import StoreState, StoreView
from core.sync import refetch, remap, runs
from core.sync.refetch import Settled
from core.sync.remap import Progress
from core.sync.runs import RunState, RunView
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.parts import live
from dashboard.parts.actions import run_action
from dashboard.parts.stores import access, imports, syncs
from dashboard.state import Viewer, messages

_BADGES = {
    StoreState.CONNECTED: ("Connected", ":material/check_circle:", "green"),
    StoreState.RECONNECT: ("Reconnect it", ":material/warning:", "orange"),
    StoreState.DISCONNECTED: ("Disconnected", ":material/link_off:", "gray"),
}
_RUNS_SHOWN = 500


def draw_card(viewer: Viewer, store: StoreView, now: datetime) -> None:
    """Draw the card."""
    history = runs.recent(store.key, limit=_RUNS_SHOWN)
    # The runs are read first. In the other order, a run that ends in between would be shown without its effect.
    store = stores.find(store.key)
    with st.container(border=True):
        _draw_head(store, now)
        settled = settled_text(refetch.count_settled(store, now))
        if settled:
            st.markdown(f":material/done_all: {settled}")
        access.draw_access(viewer, store, now)
        if remap.progress(store.key):
            _draw_remap(viewer, store)
        active = [run for run in history if run.active]
        if active:
            syncs.draw_progress(viewer, store, active[-1].run_id)
        elif history:
            syncs.draw_early_end(history[0])
        _draw_buttons(viewer, store, active, now=now)
        if history:
            with st.expander("Past syncs", icon=":material/history:"):
                syncs.draw_history(store, history)
        imports.draw_imports(viewer, store, now)


def _draw_head(store: StoreView, now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(store.name), anchor=False, width="content")
        label, icon, color = _BADGES[store.state]
        st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]  # one of Streamlit's literals
    since = formats.day(store.connected_at.astimezone(store.time_zone))
    st.caption(f"{plain(store.shop_domain)} · {store.currency} · {plain(store.time_zone.key)} · connected {since}")
    st.markdown(f":material/update: {_freshness(store, now)}")


def _freshness(store: StoreView, now: datetime) -> str:
    if store.complete_until is None and store.state == StoreState.DISCONNECTED:
        return "Nothing has been synced yet."
    if store.complete_until is None:
        return "First sync not finished: figures are not complete yet."
    until = formats.clock(store.complete_until, store.time_zone, now)
    newer = "newer orders come in live" if store.is_live else "newer orders come with the next sync"
    if store.last_ingest_at is None or store.last_ingest_at <= store.complete_until:
        return f"Complete up to {until}; {newer}."
    changed = formats.ago(store.last_ingest_at, now)
    return f"Complete up to {until}; {newer} (last change {changed})."


def settled_text(settled: Settled) -> str | None:
    """The share of recent orders that were re-fetched with Shopify's own ledger; None without orders."""
    if settled.share is None:
        return None
    if not settled.waiting:
        return "All recent orders double-checked with Shopify."
    # Rounded down: 100 % would say that no order waits.
    percent = min(99, int(settled.share * 100))
    return (
        f"{percent}% of recent orders double-checked with Shopify, {settled.waiting:,} of {settled.orders:,} to go."
    )


@st.fragment
def _draw_remap(viewer: Viewer, store: StoreView) -> None:
    """Draw the progress of a remap; rerun the page at its end."""
    live.follow_work(viewer, f"remap-{store.store_id}")
    progress = remap.progress(store.key)
    if progress is None:
        live.rerun_page()
    st.progress(progress.share, text=remap_text(progress))


def remap_text(progress: Progress) -> str:
    """The progress of a remap of past orders, with the reason of a wait."""
    text = f"Updating past figures: {progress.done:,} of {progress.total:,} orders"
    return f"{text}. Paused, and continues by itself: {plain(progress.error)}" if progress.error else text


def _draw_buttons(viewer: Viewer, store: StoreView, active: Sequence[RunView], now: datetime) -> None:
    may_sync, may_connect = may(viewer.role, Action.SYNC), may(viewer.role, Action.CONNECT)
    if store.state == StoreState.DISCONNECTED or not (may_sync or may_connect):
        return
    # A queued run has not begun, so it will read everything that a further one would.
    is_queued = any(run.state == RunState.QUEUED for run in active)
    store_id = store.store_id
    with st.container(horizontal=True):
        if may_sync and st.button(
            "Sync now",
            key=f"sync-{store_id}",
            icon=":material/sync:",
            type="primary",
            disabled=store.state != StoreState.CONNECTED or is_queued,
        ):
            run_action(lambda: runs.request_sync(viewer.actor, store_id, now))
        can_cancel = may_sync and bool(active)
        if can_cancel and st.button("Cancel the sync", key=f"cancel-{store_id}", icon=":material/cancel:"):
            _cancel_sync(viewer, store, now)
        if may_connect and st.button("Disconnect…", key=f"disconnect-{store_id}", icon=":material/link_off:"):
            _confirm_disconnect(viewer, store, now)


def _cancel_sync(viewer: Viewer, store: StoreView, now: datetime) -> None:
    try:
        if runs.cancel(viewer.actor, store.store_id, now):
            messages.leave_success("The sync was canceled.")
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


@st.dialog("Disconnect this store?")
def _confirm_disconnect(viewer: Viewer, store: StoreView, now: datetime) -> None:
    st.write(
        f"New orders of {plain(store.name)} will no longer arrive, and its credentials are deleted. "
        "The synced data stays. One secret stays too: it proves that privacy requests about this store come from "
        "Shopify. You can connect the store again at any time."
    )
    with st.container(horizontal=True):
        if st.button("Disconnect", type="primary", key="really-disconnect"):
            run_action(
                lambda: connect.disconnect(viewer.actor, store.store_id, now),
                f"{plain(store.name)} is disconnected. Its data is still here.",
            )
        if st.button("Keep it connected", key="keep-connected"):
            st.rerun()
