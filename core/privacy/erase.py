"""Erases the stored webhooks in which somebody is who was redacted: noted at once, done in a job of its own.

A busy store keeps hundred thousands of bodies, which nothing finds a person in but reading them. So a job reads them
once for all that a request names, a few at a time: each part is committed and goes on where the last one stopped. The
request's receipt says that it is done when it is.

What waits to be applied when its turn comes is waited for; what is kept later is erased when it is applied (`late`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs, tenant_session
from core.database.models import Delivery, DeliveryState, Erasure, PrivacyRequest, Store
from core.errors import Stopping
from core.privacy import bodies
from core.privacy.bodies import Person

CHUNK = 500
CHUNK_BYTES = 8 << 20
"""Of bodies in one part, unless a single one is larger."""
SLICE = timedelta(seconds=10)
"""How long a job goes on before others have their turn."""
AGAIN_AFTER = timedelta(seconds=30)
"""When to look again for what waits to be applied."""


class _Part(Enum):
    """How a part ended: there may be more, the next one waits to be applied, or there is nothing left."""

    MORE = auto()
    WAITS = auto()
    NOTHING = auto()


def note(session: Session, request: PrivacyRequest, person: Person, orders: int) -> None:
    """Have what the store has kept until now looked through for this person, from the beginning; `orders` of theirs
    were redacted. Durable with the session's transaction."""
    mine = (Delivery.tenant_id == request.tenant_id, Delivery.store_id == request.store_id)
    last = session.scalar(select(func.max(Delivery.delivery_id)).where(*mine))
    anew = {"order_ids": list(person.order_ids), "orders": orders, "bodies": 0, "seen_id": 0, "last_id": last or 0}
    key = {"tenant_id": request.tenant_id, "request_id": request.request_id, "store_id": request.store_id}
    statement = insert(Erasure).values(**key, customer_id=person.customer_id, email=person.email, **anew)
    # Replayed, the request may have lost the address already that the erasure still has.
    anew["email"] = func.coalesce(statement.excluded.email, Erasure.email)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "request_id"], set_=anew))
    jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, StoreKey.of(request))


def ask_forgotten(tenant_id: int, store_id: int) -> None:
    """Queue the job where there is something to erase and nobody is to do it."""
    query = select(Erasure.request_id).where(Erasure.tenant_id == tenant_id, Erasure.store_id == store_id).limit(1)
    with tenant_session(tenant_id) as session:
        if session.scalar(query) is not None:
            jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, StoreKey(tenant_id, store_id))


def work(
    tenant_id: int,
    store_id: int,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
    chunk: int = CHUNK,
) -> None:
    """Erase what is noted of the store, for one slice of time; what is left is queued again.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; what was done is done.
        Stopping: `stop` was set.
    """
    ends = time.monotonic() + slice_length.total_seconds()
    while True:
        ended = _erase_next(tenant_id, store_id, datetime.now(UTC), chunk)
        if ended is _Part.NOTHING:
            return
        if ended is _Part.WAITS:
            return _go_on(tenant_id, store_id, AGAIN_AFTER)
        if stop is not None and stop.is_set():
            raise Stopping("Erasing stops here and goes on at the next start.")
        if time.monotonic() >= ends:
            return _go_on(tenant_id, store_id)


def _go_on(tenant_id: int, store_id: int, delay: timedelta = timedelta(0)) -> None:
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, StoreKey(tenant_id, store_id), delay, within=delay)


def _erase_next(tenant_id: int, store_id: int, now: datetime, chunk: int) -> _Part:
    """One part of the oldest request, as one transaction."""
    query = select(Erasure).where(Erasure.tenant_id == tenant_id, Erasure.store_id == store_id)
    with tenant_session(tenant_id) as session:
        erasure = session.scalars(query.order_by(Erasure.request_id).limit(1).with_for_update()).one_or_none()
        if erasure is None:
            return _Part.NOTHING
        ahead = _ahead(session, erasure, chunk)
        if not ahead:
            _finish(session, erasure, now)
            return _Part.MORE
        traces = Person(erasure.customer_id, erasure.email, tuple(erasure.order_ids)).traces
        seen = _in_hand(session, tenant_id, ahead)
        for row in seen:
            if bodies.is_about(row.body, traces):
                erasure.bodies += bodies.erase(row)
            erasure.seen_id = row.delivery_id
        return _Part.MORE if seen else _Part.WAITS


def _ahead(session: Session, erasure: Erasure, chunk: int) -> list[int]:
    """The next deliveries to look at: not more of them, or of their bytes, than one part has."""
    query = (
        select(Delivery.delivery_id, func.octet_length(Delivery.body))
        .where(Delivery.tenant_id == erasure.tenant_id, Delivery.store_id == erasure.store_id)
        .where(Delivery.delivery_id > erasure.seen_id, Delivery.delivery_id <= erasure.last_id)
        .order_by(Delivery.delivery_id)
        .limit(chunk)
    )
    found: list[int] = []
    size = 0
    for delivery_id, length in session.execute(query):
        size += length
        if found and size > CHUNK_BYTES:
            break
        found.append(delivery_id)
    return found


def _in_hand(session: Session, tenant_id: int, delivery_ids: Sequence[int]) -> list[Delivery]:
    """These deliveries, up to the first that waits to be applied or that somebody else holds."""
    query = (
        select(Delivery)
        .where(
            Delivery.tenant_id == tenant_id,
            Delivery.delivery_id.in_(delivery_ids),
            Delivery.state != DeliveryState.PENDING,
        )
        .with_for_update(skip_locked=True)
    )
    held = {row.delivery_id: row for row in session.scalars(query)}
    found: list[Delivery] = []
    for delivery_id in delivery_ids:
        row = held.get(delivery_id)
        if row is None:
            break
        found.append(row)
    return found


def _finish(session: Session, erasure: Erasure, now: datetime) -> None:
    request = (PrivacyRequest.tenant_id == erasure.tenant_id, PrivacyRequest.request_id == erasure.request_id)
    said = f"Redacted: the customer, {erasure.orders} orders, {erasure.bodies} stored webhooks. Totals stay."
    session.execute(update(PrivacyRequest).where(*request).values(done_at=now, outcome=said))
    store = (Store.tenant_id == erasure.tenant_id, Store.store_id == erasure.store_id)
    session.execute(update(Store).where(*store).values(revision=Store.revision + 1))
    session.delete(erasure)
