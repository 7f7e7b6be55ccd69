"""Cached reads of the days of a month with a target."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.metrics.sales import daily as metrics
from core.metrics.sales.daily import Daily
from dashboard.reads.cache import cached, scope_of


@cached
def daily(store: StoreKey, revision: int, currency: str, first: date, last: date) -> Daily:
    """See `core.metrics.daily.daily`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.daily(session, scope, first, last)
