"""Targets of a store's months: set, listed with their history, and compared with what was sold."""

from core.database.models import TargetMetric
from core.targets.progress import Basis, PaceDay, Progress, Stage, days_of, history_start, pace_by_day, progress
from core.targets.rows import Change, TargetView, history, list_targets, remove_target, set_target
from core.targets.suggestion import Suggestion, suggest, suggestion_start

__all__ = [
    "Basis",
    "Change",
    "PaceDay",
    "Progress",
    "Stage",
    "Suggestion",
    "TargetMetric",
    "TargetView",
    "days_of",
    "history",
    "history_start",
    "list_targets",
    "pace_by_day",
    "progress",
    "remove_target",
    "set_target",
    "suggest",
    "suggestion_start",
]
