"""What is counted again each night, in one job: baskets, and scores of customers."""

from __future__ import annotations

from datetime import datetime

from core.database import StoreKey
from core.rollups.baskets import queue_baskets_if_due, rebuild_baskets
from core.rollups.segments import queue_segments_if_due, rebuild_segments


def rebuild_counts(store: StoreKey, now: datetime) -> None:
    """Rebuild all counts of a store, each in its own transaction."""
    rebuild_baskets(store, now)
    rebuild_segments(store, now)


def queue_counts_if_due(store: StoreKey, now: datetime) -> None:
    """Queue the job if any of the counts is due."""
    queue_baskets_if_due(store, now)
    queue_segments_if_due(store, now)
