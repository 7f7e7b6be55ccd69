"""Re-fetches rows that an older version of the mapping wrote, in the background."""

from core.sync.remap.state import Progress, progress, queue_if_due
from core.sync.remap.work import work_on

__all__ = ["Progress", "progress", "queue_if_due", "work_on"]
