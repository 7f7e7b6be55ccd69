"""Cached reads of segments."""

from __future__ import annotations

from core.database import StoreKey
from core.metrics.customers import segments as metrics
from core.metrics.customers.segments import (
    BEST_FIRST,
    Member,
    MemberKey,
    Segment,
    SegmentBuild,
    SegmentRow,
    ShopifyReadings,
)
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def segment_build(store: StoreKey, revision: int, currency: str) -> SegmentBuild | None:
    """See `core.metrics.customers.segments.segment_build`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.segment_build(session, scope)


@cached
def shopify_readings(store: StoreKey, revision: int, currency: str) -> ShopifyReadings | None:
    """See `core.metrics.customers.segments.shopify_readings`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.shopify_readings(session, scope)


@cached
def segments(store: StoreKey, revision: int, currency: str) -> tuple[SegmentRow, ...]:
    """See `core.metrics.segments.segments`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.segments(session, scope)


@cached
def segment_members(
    store: StoreKey,
    revision: int,
    currency: str,
    segment: Segment,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[MemberKey] = BEST_FIRST,
) -> tuple[Member, ...]:
    """See `core.metrics.customers.segments.members`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.members(session, scope, segment, limit, offset, sort)


@cached
def segment_of(store: StoreKey, revision: int, currency: str, customer_key: str) -> Segment | None:
    """See `core.metrics.customers.segments.segment_of`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.segment_of(session, scope, customer_key)
