"""Re-reads rows that an older version of the mapping wrote, in the background."""

from core.sync.remap.state import Progress, ask_due, progress
from core.sync.remap.work import work_on

__all__ = ["Progress", "ask_due", "progress", "work_on"]
