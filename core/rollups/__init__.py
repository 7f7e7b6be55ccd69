"""Checks and rebuilds the roll-ups, the sums of the ledger that triggers keep."""

from core.rollups.audit import audit, queue_if_due
from core.rollups.rebuild import rebuild

__all__ = ["audit", "queue_if_due", "rebuild"]
