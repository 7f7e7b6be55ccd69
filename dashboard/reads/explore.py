"""Cached reads of Explore. An answer that took too long is not cached: it is an error."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics import explore as metrics
from core.metrics.explore import Answer, Dimension, Question, ResultKey
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def explore(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    asked: Question,
    sort: Sort[ResultKey],
    limit: int,
    offset: int = 0,
) -> Answer:
    """See `core.metrics.explore.answer`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.answer(session, scope, period, asked, limit, offset, sort)


@cached
def explore_values(
    store: StoreKey, revision: int, currency: str, period: Period, dimension: Dimension, limit: int
) -> tuple[tuple[str | None, str | None], ...]:
    """See `core.metrics.explore.values_of`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.values_of(session, scope, period, dimension, limit)
