"""Reads of deliveries and checks. Not cached: they change without a new revision of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.domain.periods import Period
from core.metrics import Scope, attention, deliveries, health
from core.metrics.attention import Faults
from core.metrics.deliveries import DeliveryCounts, DeliveryKey, DeliveryRow, DeliveryState, Received, RefusalCount
from core.metrics.health import Arrivals, Audit, Day, UnknownSale, Unreadable
from core.metrics.paging import Cursor, Page
from core.metrics.sorting import Sort


def delivery_counts(store: StoreKey, period: Period, topic: str, search: str) -> DeliveryCounts:
    """See `core.metrics.deliveries.counts`."""
    with _scope(store) as (session, scope):
        return deliveries.counts(session, scope, period, topic, search)


def delivery(store: StoreKey, delivery_id: int) -> DeliveryRow | None:
    """See `core.metrics.deliveries.delivery`."""
    with _scope(store) as (session, scope):
        return deliveries.delivery(session, scope, delivery_id)


def deliveries_of_order(store: StoreKey, order_id: int, limit: int) -> tuple[DeliveryRow, ...]:
    """See `core.metrics.deliveries.deliveries_of_order`."""
    with _scope(store) as (session, scope):
        return deliveries.deliveries_of_order(session, scope, order_id, limit)


def received_since(store: StoreKey, since: datetime) -> Received:
    """See `core.metrics.deliveries.received_since`."""
    with _scope(store) as (session, scope):
        return deliveries.received_since(session, scope, since)


def delivery_topics(store: StoreKey, period: Period) -> tuple[str, ...]:
    """See `core.metrics.deliveries.topics`."""
    with _scope(store) as (session, scope):
        return deliveries.topics(session, scope, period)


def delivery_list(
    store: StoreKey,
    period: Period,
    topic: str,
    state: DeliveryState | None,
    limit: int,
    offset: int,
    search: str,
    sort: Sort[DeliveryKey],
    cursor: Cursor | None = None,
) -> Page[DeliveryRow]:
    """See `core.metrics.deliveries.deliveries_page`."""
    with _scope(store) as (session, scope):
        return deliveries.deliveries_page(session, scope, period, topic, state, limit, offset, search, sort, cursor)


def failed_by_topic(store: StoreKey) -> dict[str, int]:
    """See `core.metrics.deliveries.failed_by_topic`."""
    with _scope(store) as (session, scope):
        return deliveries.failed_by_topic(session, scope)


def refusals(store: StoreKey, period: Period) -> tuple[RefusalCount, ...]:
    """See `core.metrics.deliveries.refusals`."""
    with _scope(store) as (session, scope):
        return deliveries.refusals(session, scope, period)


def faults(store: StoreKey) -> Faults:
    """See `core.metrics.attention.faults`."""
    with _scope(store) as (session, scope):
        return attention.faults(session, scope)


def checked_days(store: StoreKey, period: Period) -> tuple[Day, ...]:
    """See `core.metrics.health.days`."""
    with _scope(store) as (session, scope):
        return health.days(session, scope, period)


def count_faulty_outside(store: StoreKey, period: Period) -> int:
    """See `core.metrics.health.count_faulty_outside`."""
    with _scope(store) as (session, scope):
        return health.count_faulty_outside(session, scope, period)


def arrivals(store: StoreKey, period: Period) -> Arrivals:
    """See `core.metrics.health.arrivals`."""
    with _scope(store) as (session, scope):
        return health.arrivals(session, scope, period)


def last_audit(store: StoreKey) -> Audit | None:
    """See `core.metrics.health.last_audit`."""
    with _scope(store) as (session, scope):
        return health.last_audit(session, scope)


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
