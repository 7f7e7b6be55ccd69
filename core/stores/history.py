"""Does Shopify show this app the whole history of a shop? It leaves old orders out without an error.

Without the scope read_all_orders an app is shown the orders of the last 60 days. Some apps are shown all of them
nevertheless, so what counts is the oldest order that came, beside the day the shop was opened.
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
"""How far back it is surely shown them: what is hidden must not be taken for deleted."""
SCOPE = "read_all_orders"

_SLACK = timedelta(days=1)
_NEAR_THE_EDGE = timedelta(days=14)
"""A shop whose first order here is this close after the 60 days' edge most likely sold before it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The history seems cut off. `oldest` is when the oldest order here was placed; None while there is none."""

    shop_opened_at: datetime
    oldest: datetime | None
    scope_is_missing: bool


def cut(store: StoreView) -> Cut | None:
    """Whether old orders of the store are most likely missing; None if not, or if it cannot be told."""
    orders = select(func.min(Order.processed_at)).where(store.key.owns(Order), Order.deleted_at.is_(None))
    asked = select(func.min(SyncRun.requested_at)).where(store.key.owns(SyncRun))
    with tenant_session(store.tenant_id) as session:
        oldest, first_asked = session.scalar(orders), session.scalar(asked)
    return judge(store, oldest, min(store.connected_at, first_asked or store.connected_at))


def judge(store: StoreView, oldest: datetime | None, first_asked: datetime) -> Cut | None:
    """`cut`, for a store whose oldest order was placed at `oldest`, and that was asked for them at `first_asked`."""
    edge = first_asked - SHOWN_WITHOUT_SCOPE
    opened = store.shop_created_at
    if opened is None or opened >= edge - _SLACK:
        return None
    if oldest is not None and oldest < edge - _SLACK:
        return None
    missing = SCOPE not in store.scopes
    told = store.complete_until is not None and oldest is not None and oldest < edge + _NEAR_THE_EDGE
    return Cut(opened, oldest, missing) if missing or told else None
