"""Erases stored webhooks about redacted people: those stored before by a job, those that arrive later at once.

A busy store keeps hundred thousands of bodies, and only reading them finds a person. So a job reads them once for
everything that a request names, a chunk at a time: each chunk is committed, and the next one starts after it. The
request's receipt says when the erasure is done.

A pending delivery in a chunk is waited for, because erasing it first would lose its amounts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database import StoreKey, jobs, tenant_session
from core.database.ids import among
from core.database.models import Delivery, DeliveryState, Erasure, PrivacyRequest, Redaction, Store
from core.errors import Stopping
from core.privacy import bodies
from core.privacy.bodies import Person

CHUNK = 500
CHUNK_BYTES = 8 << 20
"""Bytes of bodies in one chunk, unless a single body is larger."""
SLICE = timedelta(seconds=10)
"""How long a job runs before others have their turn."""
BLOCKED_AFTER = timedelta(seconds=30)
"""The delay of the next job while a pending delivery blocks the erasure."""


class _Outcome(Enum):
    """How a chunk ended."""

    GO_ON = auto()
    BLOCKED = auto()
    """The next delivery is pending, or a worker holds it."""
    DONE = auto()
    """The store has no erasure left."""


def erase_redacted(session: Session, store: StoreKey, deliveries: Iterable[Delivery]) -> None:
    """Erase, among these deliveries of a store, the bodies that name a person who was redacted before."""
    ids = {delivery: bodies.ids_in(delivery.body) for delivery in deliveries}
    redacted = _redacted_ids(session, store, frozenset[int]().union(*ids.values()))
    for delivery, named in ids.items():
        if redacted and not redacted.isdisjoint(named):
            bodies.erase_body(delivery)


def _redacted_ids(session: Session, store: StoreKey, ids: frozenset[int]) -> frozenset[int]:
    """Those ids that belong to a redacted customer or order."""
    if not ids:
        return frozenset()
    query = select(Redaction.shopify_id).where(store.owns(Redaction), among(Redaction.shopify_id, ids))
    return frozenset(session.scalars(query))


def queue_erasure(session: Session, request: PrivacyRequest, person: Person, orders: int) -> None:
    """Queue the erasure of a person from all deliveries that the store has now; `orders` of theirs were redacted."""
    store = StoreKey.of(request)
    last_id = session.scalar(select(func.max(Delivery.delivery_id)).where(store.owns(Delivery)))
    start = {
        "order_ids": list(person.order_ids),
        "orders": orders,
        "bodies": 0,
        "seen_id": 0,
        "last_id": last_id or 0,
    }
    key = {**store.parameters, "request_id": request.request_id}
    statement = insert(Erasure).values(**key, customer_id=person.customer_id, email=person.email, **start)
    # A retried request may have lost its address, because its own body was erased; the erasure still has it.
    start["email"] = func.coalesce(statement.excluded.email, Erasure.email)
    session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "request_id"], set_=start))
    jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, store)


def queue_if_due(store: StoreKey) -> None:
    """Queue the job if the store has an erasure and no job waits, such as after a crash."""
    with tenant_session(store.tenant_id) as session:
        if session.scalar(select(Erasure.request_id).where(store.owns(Erasure)).limit(1)) is not None:
            jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, store)


def erase_bodies(
    store: StoreKey,
    stop: threading.Event | None = None,
    slice_length: timedelta = SLICE,
    chunk: int = CHUNK,
) -> None:
    """Work on the store's erasures for one slice of time; the rest is queued again.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the committed chunks stay erased.
        Stopping: `stop` was set.
    """
    ends = time.monotonic() + slice_length.total_seconds()
    while True:
        outcome = _erase_next_chunk(store, datetime.now(UTC), chunk)
        if outcome is _Outcome.DONE:
            return
        if outcome is _Outcome.BLOCKED:
            return _queue_next(store, BLOCKED_AFTER)
        if stop is not None and stop.is_set():
            raise Stopping("Erasing pauses here and continues at the next start.")
        if time.monotonic() >= ends:
            return _queue_next(store)


def _queue_next(store: StoreKey, delay: timedelta = timedelta(0)) -> None:
    with tenant_session(store.tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.ERASE_BODIES, store, delay, within=delay)


def _erase_next_chunk(store: StoreKey, now: datetime, chunk: int) -> _Outcome:
    """Erase one chunk of the oldest request, as one transaction."""
    query = select(Erasure).where(store.owns(Erasure)).order_by(Erasure.request_id)
    with tenant_session(store.tenant_id) as session:
        erasure = session.scalars(query.limit(1).with_for_update()).one_or_none()
        if erasure is None:
            return _Outcome.DONE
        delivery_ids = _next_ids(session, erasure, chunk)
        if not delivery_ids:
            _finish(session, erasure, now)
            return _Outcome.GO_ON
        traces = Person(erasure.customer_id, erasure.email, tuple(erasure.order_ids)).traces
        deliveries = _lock_ended(session, store, delivery_ids)
        for delivery in deliveries:
            if bodies.has_trace(delivery.body, traces):
                erasure.bodies += bodies.erase_body(delivery)
            erasure.seen_id = delivery.delivery_id
        return _Outcome.GO_ON if deliveries else _Outcome.BLOCKED


def _next_ids(session: Session, erasure: Erasure, chunk: int) -> list[int]:
    """The ids of the next chunk: at most `chunk` deliveries, and CHUNK_BYTES of bodies."""
    query = (
        select(Delivery.delivery_id, func.octet_length(Delivery.body))
        .where(StoreKey.of(erasure).owns(Delivery))
        .where(Delivery.delivery_id > erasure.seen_id, Delivery.delivery_id <= erasure.last_id)
        .order_by(Delivery.delivery_id)
        .limit(chunk)
    )
    ids: list[int] = []
    size = 0
    for delivery_id, length in session.execute(query):
        size += length
        if ids and size > CHUNK_BYTES:
            break
        ids.append(delivery_id)
    return ids


def _lock_ended(session: Session, store: StoreKey, delivery_ids: Sequence[int]) -> list[Delivery]:
    """Lock these deliveries, up to the first that is pending or that somebody else holds."""
    query = (
        select(Delivery)
        .where(store.owns(Delivery), Delivery.delivery_id.in_(delivery_ids), Delivery.state != DeliveryState.PENDING)
        .with_for_update(skip_locked=True)
    )
    locked = {delivery.delivery_id: delivery for delivery in session.scalars(query)}
    deliveries: list[Delivery] = []
    for delivery_id in delivery_ids:
        delivery = locked.get(delivery_id)
        if delivery is None:
            break
        deliveries.append(delivery)
    return deliveries


def _finish(session: Session, erasure: Erasure, now: datetime) -> None:
    """Complete the request's receipt, make pages read the store again, and delete the erasure with its address."""
    request = (PrivacyRequest.tenant_id == erasure.tenant_id, PrivacyRequest.request_id == erasure.request_id)
    outcome = f"Redacted: the customer, {erasure.orders} orders, {erasure.bodies} stored webhooks. Totals stay."
    session.execute(update(PrivacyRequest).where(*request).values(done_at=now, outcome=outcome))
    session.execute(update(Store).where(StoreKey.of(erasure).owns(Store)).values(revision=Store.revision + 1))
    session.delete(erasure)
