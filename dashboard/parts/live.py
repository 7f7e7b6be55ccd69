"""Keeps pages live: they run again when what they were drawn from has changed, or when their session ended.

All components of a page share one stream. One inside a fragment reruns that fragment only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st

from core import stores
from core.accounts import Theme
from core.stores import StoreView
from dashboard import addresses, state
from dashboard.components import Component, leave_to_run
from dashboard.state import Viewer, browser
from dashboard.web.stamps import Stamps, stamp_store, stamp_tenant, stamp_viewer

_LIVE = Component("live")
_OF_STORES = f"{addresses.LIVE}/{addresses.ALL_STORES}"


@dataclass(frozen=True, slots=True)
class Toast:
    """A short announcement. The browser shows each `name` once, however many runs send it."""

    name: str
    text: str


def open_store(viewer: Viewer, store: StoreView, now: datetime, toast: Toast | None = None) -> None:
    """Open a page of one store: record the visit, and draw whether the page receives the store's news.

    The page runs again when there are some. Show the toast.
    """
    state.record_visit(viewer, store.store_id, now)
    _mount_page(f"{addresses.LIVE}/{store.store_id}", stamp_store(store, viewer.theme, now), toast)


def follow_access(viewer: Viewer) -> None:
    """Rerun a page without one store when its session ends, or its theme changes."""
    _mount_page(addresses.LIVE, stamp_viewer(viewer.theme), is_quiet=True)


def follow_stores(viewer: Viewer, now: datetime) -> None:
    """Rerun a page about all stores when their settings change, or a run of theirs begins or ends."""
    stamps = stamp_tenant(viewer.tenant_id, viewer.stores, viewer.theme, now)
    seen = {name: stamps[name] for name in ("stores", "runs", "theme")}
    # Without a store, nothing is live that a merchant would know.
    _mount_page(_OF_STORES, seen, is_quiet=not viewer.stores)


def follow_work(viewer: Viewer, key: str, again: datetime | None = None) -> None:
    """Rerun the fragment that calls this when any work in the viewer's stores makes progress, or brings in data.

    Call it first in the fragment. `key` is unique on the page. At the time `again` the fragment runs once more.
    """
    now = datetime.now(UTC)
    # A fragment runs without the page's own check: a removed member would go on seeing the progress.
    if not state.is_current(viewer, now):
        rerun_page()
    stamps = stamp_tenant(viewer.tenant_id, stores.list_stores(viewer.tenant_id), viewer.theme, now)
    wait = (again - now).total_seconds() if again else 0
    _LIVE.mount(
        key=f"work-{key}",
        data={
            "address": _OF_STORES,
            "seen": {name: stamps[name] for name in ("data", "runs", "progress")},
            "again": max(0, round(wait * 1000)),
        },
        on_news_change=leave_to_run,
    )


def rerun_page() -> NoReturn:
    """Rerun the page from a fragment whose work has ended. This does not extend the session: nobody clicked."""
    state.mark_automatic_run()
    st.rerun()


def _mount_page(address: str, seen: Stamps, toast: Toast | None = None, is_quiet: bool = False) -> None:
    """Mount the page's stream; one that `is_quiet` shows its state only while it reconnects."""
    browser.follow_theme(Theme(seen["theme"]))
    data = {
        "address": address,
        "seen": dict(seen),
        "is_page": True,
        "is_quiet": is_quiet,
        "toast": toast and asdict(toast),
    }
    _LIVE.mount(key="live", data=data, width="content", on_news_change=state.mark_automatic_run)
