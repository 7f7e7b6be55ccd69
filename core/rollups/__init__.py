"""Checks and rebuilds the roll-ups, the sums of the ledger that triggers keep, and counts baskets and
scores customers each night."""

from core.rollups.audit import audit, queue_if_due
from core.rollups.baskets import queue_baskets_if_due, rebuild_baskets
from core.rollups.counts import queue_counts_if_due, rebuild_counts
from core.rollups.deferral import defer, is_worth_deferring, rebuild_deferred, rebuild_if_worth_it
from core.rollups.money import queue_if_stale
from core.rollups.money import rebuild as rebuild_money
from core.rollups.money import refresh as refresh_money
from core.rollups.rebuild import Lock, rebuild, rebuild_by_table
from core.rollups.segments import queue_segments_if_due, rebuild_segments

__all__ = [
    "Lock",
    "audit",
    "defer",
    "is_worth_deferring",
    "queue_baskets_if_due",
    "queue_counts_if_due",
    "queue_if_due",
    "queue_if_stale",
    "queue_segments_if_due",
    "rebuild",
    "rebuild_baskets",
    "rebuild_by_table",
    "rebuild_counts",
    "rebuild_deferred",
    "rebuild_if_worth_it",
    "rebuild_money",
    "rebuild_segments",
    "refresh_money",
]
