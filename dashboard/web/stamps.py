"""Stamps: what a page was drawn from, by name. The page runs again when a stream (`live`) has another value.

A page reads its stamps before its figures, so a change in between reruns it once too often, never too rarely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core import stores
from core.accounts import Theme
from core.domain.periods import local_day
from core.stores import StoreView

Stamps = Mapping[str, str]


def stamp_viewer(theme: Theme) -> Stamps:
    """The stamps of a page that shows nothing of a store."""
    return {"theme": theme}


def stamp_store(store: StoreView, theme: Theme, now: datetime) -> Stamps:
    """The stamps of a page about one store: its data, and the day there."""
    return {"store": stores.fingerprint(store), "day": local_day(now, store.time_zone).isoformat(), "theme": theme}


def stamp_tenant(tenant_id: int, of_tenant: Sequence[StoreView], theme: Theme, now: datetime) -> Stamps:
    """The stamps of a page about all stores: their data, their settings and their work."""
    work = stores.fingerprint_work(tenant_id, now)
    return {
        "data": stores.short_hash([stores.fingerprint(store) for store in of_tenant]),
        "stores": stores.fingerprint_settings(of_tenant),
        "runs": work.runs,
        "progress": work.progress,
        "theme": theme,
    }
