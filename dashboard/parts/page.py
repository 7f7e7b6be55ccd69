"""The beginning of a page: its viewer, its filters, its title, and how fresh its figures are."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.domain.periods import Period
from core.stores import StoreState, StoreView
from dashboard import filters, state
from dashboard.drawing import formats
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts import first_steps
from dashboard.parts.announcements import announce_orders
from dashboard.parts.live import follow_access, follow_stores, open_store
from dashboard.state import Viewer, messages


def begin(title: str, follows_stores: bool = False) -> tuple[Viewer, datetime]:
    """Begin a page about the business: load the viewer, draw the title and the last message; return the time too.

    A page that `follows_stores` runs again when a store's settings change, or a run of one begins or ends.
    """
    now = datetime.now(UTC)
    viewer = state.require_viewer(now)
    st.title(title, anchor=False)
    if follows_stores:
        follow_stores(viewer, now)
    else:
        follow_access(viewer)
    messages.show()
    return viewer, now


def begin_report(title: str, compares: bool = True, has_period: bool = True) -> tuple[Viewer, Filters]:
    """Begin a page about one store and period: draw the filters, the title and how fresh the figures are.

    Without a store, say how to connect one and end the run. A page that `compares` nothing asks neither for a
    comparison nor for a currency, and one of all orders to date not for a period.
    """
    now = datetime.now(UTC)
    viewer = state.require_viewer(now)
    st.title(title, anchor=False)
    filters.take_over(viewer, now)
    chosen = filters.draw_bar(viewer, now, compares, has_period)
    if chosen is None:
        follow_stores(viewer, now)
        first_steps.draw_first_steps(viewer, now)
        st.stop()
    _draw_scope(chosen, has_period)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        open_store(viewer, chosen.store, now, announce_orders(title, chosen.store, now))
        st.caption(f"{freshness(chosen.store, now)} · in the store’s time ({chosen.store.time_zone.key})")
    messages.show()
    return viewer, chosen


def _draw_scope(chosen: Filters, has_period: bool) -> None:
    """Draw which store, days and currency the page shows."""
    if not has_period:
        st.markdown(f"**{plain(chosen.store.name)}** · all orders to date")
        return
    compared = f", {chosen.versus} ({_days_and_cut(chosen.compared)})" if chosen.compared else ""
    currency = f" · in {chosen.currency}" if chosen.currency_filter else ""
    st.markdown(f"**{plain(chosen.store.name)}** · {formats.period(chosen.period)}{compared}{currency}")


def _days_and_cut(compared: Period) -> str:
    """The days of a comparison, and up to which time it counts beside an unfinished day."""
    if compared.until is None:
        return formats.period(compared)
    return f"{formats.period(compared)}, up to {compared.until.astimezone(compared.zone):%H:%M}"


def freshness(store: StoreView, now: datetime) -> str:
    """The time up to which the figures are complete, and whether newer orders arrive by webhook."""
    if store.state != StoreState.CONNECTED:
        return f":material/link_off: {plain(store.state_reason or 'Not connected.')}"
    if store.complete_until is None:
        return ":material/sync: First sync not finished: figures are not complete yet."
    until = f"Complete up to {formats.clock(store.complete_until, store.time_zone, now)}"
    if not store.is_live:
        return f":material/schedule: {until} · newer orders come with the next sync"
    return f":material/bolt: {until} · newer orders come in live"
