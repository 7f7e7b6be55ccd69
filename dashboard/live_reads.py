"""Reads of deliveries and checks. Not cached: they change without a new revision of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.domain.periods import Period
from core.metrics import Scope, deliveries, health
from core.metrics.deliveries import DeliveryCounts, DeliveryRow, DeliveryState, RefusalCount
from core.metrics.health import Arrivals, Day, UnknownSale, Unreadable


def delivery_counts(store: StoreKey, period: Period, topic: str) -> DeliveryCounts:
    """See `core.metrics.deliveries.counts`."""
    with _scope(store) as (session, scope):
        return deliveries.counts(session, scope, period, topic)


def delivery_topics(store: StoreKey, period: Period) -> tuple[str, ...]:
    """See `core.metrics.deliveries.topics`."""
    with _scope(store) as (session, scope):
        return deliveries.topics(session, scope, period)


def delivery_list(
    store: StoreKey, period: Period, topic: str, state: DeliveryState | None, limit: int, offset: int
) -> tuple[DeliveryRow, ...]:
    """See `core.metrics.deliveries.deliveries`."""
    with _scope(store) as (session, scope):
        return deliveries.deliveries(session, scope, period, topic, state, limit, offset)


def failed_by_topic(store: StoreKey) -> dict[str, int]:
    """See `core.metrics.deliveries.failed_by_topic`."""
    with _scope(store) as (session, scope):
        return deliveries.failed_by_topic(session, scope)


def refusals(store: StoreKey, period: Period) -> tuple[RefusalCount, ...]:
    """See `core.metrics.deliveries.refusals`."""
    with _scope(store) as (session, scope):
        return deliveries.refusals(session, scope, period)


def checked_days(store: StoreKey, period: Period) -> tuple[Day, ...]:
    """See `core.metrics.health.days`."""
    with _scope(store) as (session, scope):
        return health.days(session, scope, period)


def arrivals(store: StoreKey, period: Period) -> Arrivals:
    """See `core.metrics.health.arrivals`."""
    with _scope(store) as (session, scope):
        return health.arrivals(session, scope, period)


def unreadable(store: StoreKey, limit: int) -> tuple[Unreadable, ...]:
    """See `core.metrics.health.unreadable`."""
    with _scope(store) as (session, scope):
        return health.unreadable(session, scope, limit)


def unknown_sales(store: StoreKey, limit: int) -> tuple[UnknownSale, ...]:
    """See `core.metrics.health.unknown_sales`."""
    with _scope(store) as (session, scope):
        return health.unknown_sales(session, scope, limit)


@contextmanager
def _scope(store: StoreKey) -> Iterator[tuple[Session, Scope]]:
    with tenant_session(store.tenant_id) as session:
        yield session, Scope(store)
