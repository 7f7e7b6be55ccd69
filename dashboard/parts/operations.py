"""How data came in, as pages ask for it. Not cached: a delivery or a check changes without the store's revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.domain.periods import Period
from core.metrics import Scope, deliveries, health
from core.metrics.deliveries import DeliveryRow, State
from core.metrics.health import Arrivals, Day, UnknownSale, Unreadable


def delivery_counts(tenant_id: int, store_id: int, period: Period, topic: str) -> dict[State, int]:
    """See `core.metrics.deliveries.counts`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return deliveries.counts(session, scope, period, topic)


def delivery_topics(tenant_id: int, store_id: int, period: Period) -> tuple[str, ...]:
    """See `core.metrics.deliveries.topics`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return deliveries.topics(session, scope, period)


def delivery_list(
    tenant_id: int, store_id: int, period: Period, topic: str, state: State, limit: int, offset: int
) -> tuple[DeliveryRow, ...]:
    """See `core.metrics.deliveries.deliveries`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return deliveries.deliveries(session, scope, period, topic, state, limit, offset)


def failed_by_topic(tenant_id: int, store_id: int) -> dict[str, int]:
    """See `core.metrics.deliveries.failed_by_topic`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return deliveries.failed_by_topic(session, scope)


def checked_days(tenant_id: int, store_id: int, period: Period) -> tuple[Day, ...]:
    """See `core.metrics.health.days`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return health.days(session, scope, period)


def arrivals(tenant_id: int, store_id: int, period: Period) -> Arrivals:
    """See `core.metrics.health.arrivals`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return health.arrivals(session, scope, period)


def unreadable(tenant_id: int, store_id: int, limit: int) -> tuple[Unreadable, ...]:
    """See `core.metrics.health.unreadable`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return health.unreadable(session, scope, limit)


def unknown_sales(tenant_id: int, store_id: int, limit: int) -> tuple[UnknownSale, ...]:
    """See `core.metrics.health.unknown_sales`."""
    with _asking(tenant_id, store_id) as (session, scope):
        return health.unknown_sales(session, scope, limit)


@contextmanager
def _asking(tenant_id: int, store_id: int) -> Iterator[tuple[Session, Scope]]:
    with tenant_session(tenant_id) as session:
        yield session, Scope(StoreKey(tenant_id, store_id))
