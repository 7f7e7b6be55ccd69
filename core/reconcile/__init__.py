"""Compares each day with Shopify's own figures, and repairs what differs."""

from core.reconcile.runs import RunView, recent_days, request, request_due
from core.reconcile.work import REPORTS, work_on

__all__ = ["REPORTS", "RunView", "recent_days", "request", "request_due", "work_on"]
