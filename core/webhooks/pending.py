"""Selects the pending deliveries of a store, a batch at a time, for one job at a time."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs
from core.database.models import Delivery, DeliveryState

BATCH = 250
BATCH_BYTES = 8 << 20
"""Bytes of bodies in one batch, unless a single body is larger: their records take many times that in memory."""


def lock(session: Session, store: StoreKey) -> bool:
    """Take the lock of the store's deliveries until the transaction ends; False if another job has it."""
    # A lock of its own, not the store's row: that is locked by every writer, such as a sync.
    name = f"{jobs.Task.APPLY_DELIVERIES}:{store.tenant_id}:{store.store_id}"
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))))


def select_batch(session: Session, store: StoreKey) -> tuple[list[Delivery], int]:
    """The next batch, locked, and how many deliveries are pending (counted up to one more than BATCH)."""
    is_pending = (store.owns(Delivery), Delivery.state == DeliveryState.PENDING)
    sizes = select(Delivery.delivery_id, func.octet_length(Delivery.body).label("size")).where(*is_pending)
    first = sizes.order_by(Delivery.delivery_id).limit(BATCH + 1).cte("first")
    total = func.sum(first.c.size).over(order_by=first.c.delivery_id).label("total")
    ahead = select(first.c.delivery_id, first.c.size, total).cte("ahead")
    fits = or_(ahead.c.total <= BATCH_BYTES, ahead.c.total == ahead.c.size)
    # Up to a key, not by a join: a join is slow while PostgreSQL has no statistics of a burst.
    last = select(func.max(ahead.c.delivery_id)).where(fits).scalar_subquery()
    query = (
        select(Delivery, select(func.count()).select_from(ahead).scalar_subquery().label("waiting"))
        .where(*is_pending, Delivery.delivery_id <= last)
        .order_by(Delivery.delivery_id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    rows = session.execute(query).all()
    return [delivery for delivery, _ in rows], rows[0].waiting if rows else 0
