"""Judges whether Shopify shows this app the whole history of a shop: it leaves old orders out without an error.

Without the scope read_all_orders Shopify shows an app the orders of the last 60 days. Some apps see all of them
nevertheless, so the judgement compares the oldest order here with the day on which the shop was opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.database import tenant_session
from core.database.models import Order, SyncRun
from core.stores import StoreView

SHOWN_WITHOUT_SCOPE = timedelta(days=60)
SURELY_SHOWN = timedelta(days=58)
"""The age up to which orders are shown for certain. An older one that is hidden must not count as deleted."""
SCOPE = "read_all_orders"

_SLACK = timedelta(days=1)
_NEAR_THE_EDGE = timedelta(days=14)
"""A shop whose first order here is this close after the 60 days' edge most likely sold before it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A history that seems cut off. `oldest` is the time of the oldest order here; None while there is none."""

    shop_opened_at: datetime
    oldest: datetime | None
    scope_is_missing: bool


def find_cut(store: StoreView) -> Cut | None:
    """Return a Cut if old orders of the store are most likely missing; None if not, or if there is no evidence."""
    # In the order of an index. min(processed_at) would read every order of the store.
    orders = (
        select(Order.processed_at)
        .where(store.key.owns(Order), Order.deleted_at.is_(None))
        .order_by(Order.business_date, Order.processed_at)
        .limit(1)
    )
    requests = select(func.min(SyncRun.requested_at)).where(store.key.owns(SyncRun))
    with tenant_session(store.tenant_id) as session:
        oldest, first_request = session.scalar(orders), session.scalar(requests)
    return judge(store, oldest, min(store.connected_at, first_request or store.connected_at))


def judge(store: StoreView, oldest: datetime | None, first_request: datetime) -> Cut | None:
    """As `find_cut`, for a store whose oldest order was placed at `oldest`, and first read at `first_request`."""
    edge = first_request - SHOWN_WITHOUT_SCOPE
    opened = store.shop_created_at
    if opened is None or opened >= edge - _SLACK:
        return None
    if oldest is not None and oldest < edge - _SLACK:
        return None
    lacks_scope = SCOPE not in store.scopes
    begins_at_edge = store.complete_until is not None and oldest is not None and oldest < edge + _NEAR_THE_EDGE
    return Cut(opened, oldest, lacks_scope) if lacks_scope or begins_at_edge else None
