"""Keeps the page live: it runs again when the data of its store changed, or when its session ended."""

from __future__ import annotations

from core.stores import StoreView, fingerprint
from dashboard import addresses, state
from dashboard.components import Component

_LIVE = Component("live")


def draw_live_state(store: StoreView) -> None:
    """Draw whether the page receives the news of this store; rerun the page when there are some."""
    _LIVE.mount(
        key="live",
        data={"address": f"{addresses.LIVE}/{store.store_id}", "seen": fingerprint(store)},
        on_news_change=state.mark_automatic_run,
    )
