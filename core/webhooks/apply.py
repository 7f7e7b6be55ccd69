"""Applies pending deliveries: writes what their bodies say to the commerce tables, in the order of arrival.

A batch is one transaction, and a store has one batch at a time: deliveries that arrive meanwhile make the next batch
larger. If a batch fails, each of its deliveries is applied alone, so that only the culprit fails. If the database is
unavailable, or others hold its rows, the whole batch stays pending.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import ingest, logs, privacy
from core.database import StoreKey, jobs, sqlstates, statistics, tenant_session
from core.database.models import Delivery, DeliveryState, Store
from core.domain import Kind, Order, Record, Refund, Refusal, Reread
from core.errors import NotKeyed, TransientError, UnmappableError
from core.shopify import mapping
from core.sync import refetch
from core.webhooks import confirm, pending, shop_topics, states

BURST = 50
"""Deliveries in a batch from which on PostgreSQL's statistics of the written tables may be too old."""
SLICE = timedelta(seconds=2)
"""How long a job runs before jobs of other stores have their turn."""
FOLLOW_UP_AFTER = timedelta(seconds=1)
ALONE = timedelta(seconds=30)
"""How long deliveries are applied one by one before a commit; a single one may take as long as a statement."""
BUSY_AFTER = timedelta(seconds=0.25)
"""The delay of the next job if another job is applying the store's deliveries."""
_WITHOUT_RECORDS = privacy.COMPLIANCE | shop_topics.TOPICS
"""Topics that carry no record, but ask for something."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A delivery with the records in its body."""

    delivery: Delivery
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many deliveries a batch had, and whether more wait."""

    count: int
    has_more: bool = False


def apply_slice(store: StoreKey, slice_length: timedelta = SLICE) -> None:
    """Apply the store's pending deliveries for one slice of time; the rest is queued behind other stores' jobs.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; the deliveries are still pending.
    """
    ends = time.monotonic() + slice_length.total_seconds()
    for number in count(1):
        batch = _apply_next_batch(store, datetime.now(UTC))
        if batch is None:
            # The other job may have selected its batch before the latest delivery was stored.
            return _queue_next(store, BUSY_AFTER)
        _refresh_statistics(store, number, batch)
        if not batch.has_more:
            return _queue_follow_up(store) if batch.count or number > 1 else None
        if time.monotonic() >= ends:
            return _queue_next(store)


def apply_pending(store: StoreKey, now: datetime) -> int:
    """Apply all pending deliveries of the store, unless a job is doing so; returns how many there were.

    Raises:
        DatabaseUnavailable: as `apply_slice`.
    """
    total = 0
    for number in count(1):
        batch = _apply_next_batch(store, now) or _Batch(0)
        total += batch.count
        _refresh_statistics(store, number, batch)
        if not batch.has_more:
            break
    return total


def _refresh_statistics(store: StoreKey, number: int, batch: _Batch) -> None:
    """Refresh PostgreSQL's statistics in a burst, after its batches 1, 2, 4, 8, …"""
    if batch.count >= BURST and number.bit_count() == 1:
        statistics.refresh(store.tenant_id)


def _queue_follow_up(store: StoreKey) -> None:
    """Queue one more job in a second. A delivery that was being stored while this job selected its batch queued no
    job of its own, because this one still waited."""
    with tenant_session(store.tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, store, FOLLOW_UP_AFTER)


def _queue_next(store: StoreKey, delay: timedelta = timedelta(0)) -> None:
    with tenant_session(store.tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, store, delay, within=delay)


def _apply_next_batch(store: StoreKey, now: datetime) -> _Batch | None:
    """Apply the next batch in a transaction; None if another job is applying the store's deliveries."""
    with tenant_session(store.tenant_id) as session:
        if not pending.lock(session, store):
            return None
        # Shorter than the statement timeout, so that the error says that others hold the rows.
        session.execute(text("SET LOCAL lock_timeout = '60s'"))
        deliveries, waiting = pending.select_batch(session, store)
        tried = _apply_batch(session, store, deliveries, now)
    return _Batch(tried, has_more=0 < tried < waiting)


def _apply_batch(session: Session, store: StoreKey, deliveries: Sequence[Delivery], now: datetime) -> int:
    """Apply these deliveries, together or else one by one; returns how many of them were tried."""
    readable = [entry for delivery in deliveries if (entry := _map_or_end(delivery, now))]
    mapped = _hold_unconfirmed(session, store, readable, now)
    untried = 0
    try:
        # A savepoint, so that a failure keeps the lock and the deliveries that were ended above.
        with session.begin_nested():
            _apply(session, store, mapped, now)
    except Exception as error:
        if _is_databases_fault(error):
            raise
        log.exception("a batch of deliveries could not be applied; trying each alone")
        untried = _apply_each(session, store, mapped, now)
    _erase_redacted_unapplied(session, store, deliveries, mapped)
    return len(deliveries) - untried


def _map_or_end(delivery: Delivery, now: datetime) -> _Mapped | None:
    """Map a delivery's body to records. If that is impossible, end the delivery with the reason, and return None."""
    if delivery.topic in _WITHOUT_RECORDS:
        return _Mapped(delivery, ())
    if not mapping.is_mapped(delivery.topic):
        states.ignore(delivery, Refusal.UNMAPPED_TOPIC, "Stored; nothing is made of this topic yet.", now)
        return None
    try:
        return _Mapped(delivery, mapping.from_webhook(delivery.topic, delivery.body, _sent_at(delivery)))
    except NotKeyed as error:
        states.ignore(delivery, Refusal.NO_KEY, str(error), now)
    except UnmappableError as error:
        log.warning("a delivery cannot be mapped", delivery_id=delivery.delivery_id, reason=str(error))
        states.fail(delivery, Refusal.UNREADABLE, str(error), now)
    except Exception as error:
        # A body that breaks the mapping must not delay the deliveries behind it.
        log.exception("a delivery cannot be read", delivery_id=delivery.delivery_id, topic=delivery.topic)
        reason = f"It could not be read ({type(error).__name__}); the log has the details."
        states.fail(delivery, Refusal.UNREADABLE, reason, now)
    return None


def _sent_at(delivery: Delivery) -> datetime:
    """When Shopify sent the delivery, by its header, but not later than its arrival; if confirmed, its arrival.

    The header is not signed: with a time in the future, a replayed body would win over newer ones.
    """
    if delivery.confirmed_at is not None or delivery.triggered_at is None:
        return delivery.received_at
    return min(delivery.triggered_at, delivery.received_at)


def _hold_unconfirmed(
    session: Session, store: StoreKey, mapped: Sequence[_Mapped], now: datetime
) -> Sequence[_Mapped]:
    """Hold the deliveries that Shopify has to confirm first; return the others."""
    row = session.get(Store, (store.tenant_id, store.store_id)) if mapped else None
    if row is None:
        return mapped
    held = confirm.hold_or_ignore(session, row, [(entry.delivery, entry.records) for entry in mapped], now)
    return [entry for entry in mapped if entry.delivery.delivery_id not in held]


def _apply(session: Session, store: StoreKey, mapped: Sequence[_Mapped], now: datetime) -> None:
    """Apply the deliveries together: their records first, then the requests among them."""
    refusals = _write(session, store, mapped, now)
    _queue_refetches(session, store, mapped, now)
    states.mark_applied(session, store, [entry.delivery.delivery_id for entry in mapped], refusals, now)
    _erase_bodies_of_redacted(mapped, refusals)
    # Their records are not written, so no refusal says that the person was redacted.
    unwritten = [entry.delivery for entry in mapped if any(isinstance(record, Reread) for record in entry.records)]
    privacy.erase_redacted(session, store, unwritten)
    # Last, so that a redaction also reaches the records of this batch.
    _act(session, mapped, now)


def _write(session: Session, store: StoreKey, mapped: Sequence[_Mapped], now: datetime) -> dict[int, Refusal]:
    """Write the records of these deliveries; returns why a delivery was not written, by its id."""
    complete = [
        (entry.delivery.delivery_id, record)
        for entry in mapped
        for record in entry.records
        if not isinstance(record, Reread)
    ]
    if not complete:
        return {}
    written = ingest.write(session, store, [record for _, record in complete], now)
    return {complete[place][0]: refusal for place, refusal in written.refused.items()}


def _queue_refetches(session: Session, store: StoreKey, mapped: Iterable[_Mapped], now: datetime) -> None:
    """Queue the re-fetch of every order that the deliveries are about: bodies lack some of an order's money."""
    records = [record for entry in mapped for record in entry.records]
    unread = [record for record in records if isinstance(record, Reread)]
    order_ids = {record.shopify_id for record in unread if record.kind is Kind.ORDER}
    order_ids |= refetch.orders_of_returns(session, store, [r.shopify_id for r in unread if r.kind is Kind.RETURN])
    order_ids |= {record.order_id for record in records if isinstance(record, Order | Refund)}
    refetch.request(session, store, order_ids, now)


def _erase_bodies_of_redacted(mapped: Iterable[_Mapped], refusals: Mapping[int, Refusal]) -> None:
    """Erase the bodies about redacted people. Their amounts were written, without the person."""
    for entry in mapped:
        if refusals.get(entry.delivery.delivery_id) is Refusal.REDACTED:
            entry.delivery.body, entry.delivery.reason = b"{}", privacy.ERASED


def _act(session: Session, mapped: Iterable[_Mapped], now: datetime) -> None:
    """Do what deliveries about the shop, and privacy requests, ask for."""
    for entry in mapped:
        if entry.delivery.topic in shop_topics.TOPICS:
            shop_topics.apply_shop_topic(session, entry.delivery)
        elif entry.delivery.topic in privacy.COMPLIANCE and not privacy.fulfil(session, entry.delivery, now):
            # The store was erased, and the deliveries behind this one with it.
            return


def _apply_each(session: Session, store: StoreKey, mapped: Sequence[_Mapped], now: datetime) -> int:
    """Apply each delivery alone, until ALONE is over; returns how many are still pending."""
    ends = time.monotonic() + ALONE.total_seconds()
    for tried, entry in enumerate(mapped, 1):
        _apply_alone(session, store, entry, now)
        if time.monotonic() >= ends:
            return len(mapped) - tried
    return 0


def _apply_alone(session: Session, store: StoreKey, entry: _Mapped, now: datetime) -> None:
    delivery = entry.delivery
    try:
        with session.begin_nested():
            _apply(session, store, [entry], now)
    except UnmappableError as error:
        log.warning("a delivery cannot be applied", delivery_id=delivery.delivery_id, reason=str(error))
        states.fail(delivery, Refusal.UNREADABLE, str(error), now)
    except Exception as error:
        if _is_databases_fault(error):
            raise
        log.exception("a delivery could not be applied", delivery_id=delivery.delivery_id, topic=delivery.topic)
        states.fail(delivery, Refusal.GAVE_UP, _failure_reason(error), now)


def _failure_reason(error: Exception) -> str:
    if sqlstates.is_given_up(error):
        return "It could not be written: the database gave it up, because it took too long or asked for too much."
    return f"It could not be written ({type(error).__name__}); the log has the details."


def _is_databases_fault(error: Exception) -> bool:
    """Whether the state of the database, and not a delivery, is why nothing was written."""
    return isinstance(error, TransientError) or (
        isinstance(error, OperationalError) and not sqlstates.is_given_up(error)
    )


def _erase_redacted_unapplied(
    session: Session, store: StoreKey, deliveries: Iterable[Delivery], mapped: Iterable[_Mapped]
) -> None:
    """Erase redacted persons from the bodies of this batch that will not be applied. A delivery that could be read,
    and is retried, keeps its body: it is erased once it is applied."""
    retried = {entry.delivery.delivery_id for entry in mapped if entry.delivery.retry_at is not None}
    ended = [
        delivery
        for delivery in deliveries
        if delivery.state in (DeliveryState.IGNORED, DeliveryState.FAILED) and delivery.delivery_id not in retried
    ]
    privacy.erase_redacted(session, store, ended)
