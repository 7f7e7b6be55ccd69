"""Targets of a store's months: set, listed with their history, and compared with what was sold."""

from core.database.models import TargetMetric
from core.targets.progress import Basis, Progress, Stage, days_of, progress
from core.targets.rows import Change, TargetView, history, list_targets, remove_target, set_target

__all__ = [
    "Basis",
    "Change",
    "Progress",
    "Stage",
    "TargetMetric",
    "TargetView",
    "days_of",
    "history",
    "list_targets",
    "progress",
    "remove_target",
    "set_target",
]
