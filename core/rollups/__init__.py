"""Checks and rebuilds the roll-ups, the sums of the ledger that triggers keep, and counts baskets each night."""

from core.rollups.audit import audit, queue_if_due
from core.rollups.baskets import queue_baskets_if_due, rebuild_baskets
from core.rollups.deferral import defer, rebuild_deferred, rebuild_if_worth_it
from core.rollups.money import queue_if_stale
from core.rollups.money import rebuild as rebuild_money
from core.rollups.money import refresh as refresh_money
from core.rollups.rebuild import rebuild

__all__ = [
    "audit",
    "defer",
    "queue_baskets_if_due",
    "queue_if_due",
    "queue_if_stale",
    "rebuild",
    "rebuild_baskets",
    "rebuild_deferred",
    "rebuild_if_worth_it",
    "rebuild_money",
    "refresh_money",
]
