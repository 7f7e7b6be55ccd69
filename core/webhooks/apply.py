"""Applies the deliveries that wait for a store: from the raw rows to the commerce tables, in batches.

In the order of arrival, a batch in one transaction, and of one store one batch at a time: what comes meanwhile makes
the next one larger. What cannot be applied stays, with its reason, and does not hold up the rest, which are then
applied one by one; but when the database is away, or others hold what is to be written, all of it stays pending.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import ingest, logs, privacy
from core.database import StoreKey, jobs, sqlstates, statistics, tenant_session
from core.database.models import Delivery, Store
from core.domain import Order, Record, Refund, Refusal, Reread
from core.errors import NotKeyed, TransientError, UnmappableError
from core.shopify import mapping
from core.sync import refetch
from core.webhooks import confirm, retry, shop_topics

BATCH = 250
BATCH_BYTES = 8 << 20
"""Of bodies in one batch, unless a single one is larger: what they say takes many times that in memory."""
BURST = 50
"""So many at once may be more than PostgreSQL knows of the tables they go to."""
SLICE = timedelta(seconds=2)
"""How long a job goes on before other stores have their turn."""
SWEEP_AFTER = timedelta(seconds=1)
ALONE = timedelta(seconds=30)
"""How long deliveries are tried one by one until what was done is committed; each may take as long as a statement."""
AGAIN_AFTER = timedelta(seconds=0.25)
"""When to look again where another job is at the store's deliveries."""
_ACTS = privacy.COMPLIANCE | shop_topics.TOPICS
"""Topics that tell of no record, but ask for something."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A delivery with what its body says."""

    row: Delivery
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Looked:
    """How many deliveries were looked at, and whether more of them wait."""

    count: int
    more: bool = False


def work(tenant_id: int, store_id: int, slice_length: timedelta = SLICE) -> None:
    """Apply what waits for the store, for one slice of time; what is left is queued again behind other stores' jobs.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is lost, the rest is still pending.
    """
    ends = time.monotonic() + slice_length.total_seconds()
    for number in count(1):
        looked = _apply_next(tenant_id, store_id, datetime.now(UTC))
        if looked is None:
            return _look_again(tenant_id, store_id, AGAIN_AFTER)
        _after_batch(tenant_id, number, looked.count)
        if not looked.more:
            return _sweep(tenant_id, store_id) if looked.count or number > 1 else None
        if time.monotonic() >= ends:
            return _look_again(tenant_id, store_id)


def apply_pending(tenant_id: int, store_id: int, now: datetime) -> int:
    """Apply every delivery that waits for the store, unless somebody is at it; returns how many were looked at.

    Raises:
        DatabaseUnavailable: as `work`.
    """
    seen = 0
    for number in count(1):
        looked = _apply_next(tenant_id, store_id, now) or _Looked(0)
        seen += looked.count
        _after_batch(tenant_id, number, looked.count)
        if not looked.more:
            break
    return seen


def _after_batch(tenant_id: int, number: int, looked_at: int) -> None:
    """In a burst, after its first batch, and each time there are twice as many."""
    if looked_at >= BURST and number.bit_count() == 1:
        statistics.refresh(tenant_id)


def _sweep(tenant_id: int, store_id: int) -> None:
    """Look once more a moment after deliveries were applied: what was being kept when they were found counted on the
    job that found them."""
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, StoreKey(tenant_id, store_id), SWEEP_AFTER)


def _look_again(tenant_id: int, store_id: int, delay: timedelta = timedelta(0)) -> None:
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, StoreKey(tenant_id, store_id), delay, within=delay)


def _apply_next(tenant_id: int, store_id: int, now: datetime) -> _Looked | None:
    """Apply the next batch; what was looked at, or None while another job is at this store's."""
    with tenant_session(tenant_id) as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(_own_lock(tenant_id, store_id)))):
            return None
        # Who waits too long for others is told so, and not that the statement took too long.
        session.execute(text("SET LOCAL lock_timeout = '60s'"))
        rows, waiting = _pending(session, tenant_id, store_id)
        tried = _apply_batch(session, tenant_id, store_id, rows, now)
    return _Looked(tried, more=0 < tried < waiting)


def _own_lock(tenant_id: int, store_id: int) -> ColumnElement[int]:
    """The number of a lock that is about the store's deliveries and nothing else."""
    return func.hashtextextended(f"{jobs.Task.APPLY_DELIVERIES}:{tenant_id}:{store_id}", 0)


def _pending(session: Session, tenant_id: int, store_id: int) -> tuple[list[Delivery], int]:
    """The next batch, and how many wait, counted up to one more than a batch has."""
    waits = (Delivery.tenant_id == tenant_id, Delivery.store_id == store_id, Delivery.state == "pending")
    sizes = select(Delivery.delivery_id, func.octet_length(Delivery.body).label("size")).where(*waits)
    first = sizes.order_by(Delivery.delivery_id).limit(BATCH + 1).cte("first")
    so_far = func.sum(first.c.size).over(order_by=first.c.delivery_id).label("bytes")
    ahead = select(first.c.delivery_id, first.c.size, so_far).cte("ahead")
    fits = or_(ahead.c.bytes <= BATCH_BYTES, ahead.c.bytes == ahead.c.size)
    # Up to a key and not by a join: that is quick also where PostgreSQL does not know yet how many wait.
    last = select(func.max(ahead.c.delivery_id)).where(fits).scalar_subquery()
    query = (
        select(Delivery, select(func.count()).select_from(ahead).scalar_subquery().label("waiting"))
        .where(*waits, Delivery.delivery_id <= last)
        .order_by(Delivery.delivery_id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    found = session.execute(query).all()
    return [row for row, _ in found], found[0].waiting if found else 0


def _apply_batch(session: Session, tenant_id: int, store_id: int, rows: Sequence[Delivery], now: datetime) -> int:
    """Apply these deliveries; how many of them were tried."""
    mapped = _hold_unconfirmed(
        session, tenant_id, store_id, [found for row in rows if (found := _map(row, now))], now
    )
    left = 0
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, mapped, now)
    except Exception as error:
        if _is_no_fault_of_theirs(error):
            raise
        log.exception("a batch of deliveries could not be applied; trying each alone")
        left = _apply_each(session, tenant_id, store_id, mapped, now)
    # Those that could be read, and have another try to be written, are needed whole.
    needed = {one.row.delivery_id for one in mapped if one.row.retry_at is not None}
    ended = [row for row in rows if row.state in ("ignored", "failed") and row.delivery_id not in needed]
    privacy.forget(session, tenant_id, store_id, ended)
    return len(rows) - left


def _hold_unconfirmed(
    session: Session, tenant_id: int, store_id: int, mapped: Sequence[_Mapped], now: datetime
) -> Sequence[_Mapped]:
    """Hold the deliveries that need Shopify's confirmation; returns the others."""
    store = session.get(Store, (tenant_id, store_id)) if mapped else None
    if store is None:
        return mapped
    held = confirm.hold(session, store, [(one.row, one.records) for one in mapped], now)
    return [one for one in mapped if one.row.delivery_id not in held]


def _is_no_fault_of_theirs(error: Exception) -> bool:
    """Whether the database, not what was to be written, is why it was not."""
    return isinstance(error, TransientError) or (isinstance(error, OperationalError) and not sqlstates.gave_up(error))


def _map(row: Delivery, now: datetime) -> _Mapped | None:
    """What the delivery says; None, with the reason noted, where there is nothing to write."""
    if row.topic in _ACTS:
        return _Mapped(row, ())
    if not mapping.is_mapped(row.topic):
        _end(row, "ignored", "Stored; nothing is made of this topic yet.", now)
    else:
        try:
            return _Mapped(row, mapping.from_webhook(row.topic, row.body, _sent_at(row)))
        except NotKeyed as error:
            _end(row, "ignored", str(error), now)
        except UnmappableError as error:
            log.warning("a delivery cannot be mapped", delivery_id=row.delivery_id, reason=str(error))
            _end(row, "failed", str(error), now)
        except Exception as error:
            # One body that nobody thought of must not hold up all that came after it.
            log.exception("a delivery cannot be read", delivery_id=row.delivery_id, topic=row.topic)
            _end(row, "failed", f"It could not be read ({type(error).__name__}); the log has the details.", now)
    return None


def _sent_at(row: Delivery) -> datetime:
    """When Shopify sent it, by its own header. That is not signed: it counts up to the time of arrival only, and not
    for a delivery that Shopify confirmed."""
    if row.confirmed_at is not None or row.triggered_at is None:
        return row.received_at
    return min(row.triggered_at, row.received_at)


def _apply(session: Session, tenant_id: int, store_id: int, mapped: Sequence[_Mapped], now: datetime) -> None:
    records = [record for one in mapped for record in one.records]
    order_ids = {record.shopify_id for record in records if isinstance(record, Reread)}
    order_ids |= {record.order_id for record in records if isinstance(record, Order | Refund)}
    refusals = _write(session, StoreKey(tenant_id, store_id), mapped, now)
    refetch.ask(session, StoreKey(tenant_id, store_id), order_ids, now)
    _end_all(session, tenant_id, store_id, [one.row.delivery_id for one in mapped], now)
    _forget_bodies(mapped, refusals)
    # After all that came before: who is redacted is redacted in it, too.
    for one in mapped:
        if one.row.topic in shop_topics.TOPICS:
            shop_topics.take(session, one.row)
        elif one.row.topic in privacy.COMPLIANCE and not privacy.take(session, one.row, now):
            return


def _write(session: Session, store: StoreKey, mapped: Sequence[_Mapped], now: datetime) -> dict[int, Refusal]:
    """Write the records of these deliveries; returns why a delivery was not written, by its id."""
    found = [
        (one.row.delivery_id, record) for one in mapped for record in one.records if not isinstance(record, Reread)
    ]
    if not found:
        return {}
    written = ingest.write(session, store, [record for _, record in found], now)
    return {found[place][0]: refusal for place, refusal in written.refused.items()}


def _forget_bodies(mapped: Iterable[_Mapped], refusals: Mapping[int, Refusal]) -> None:
    """Erase the bodies of deliveries about people who were redacted; their amounts count."""
    for one in mapped:
        if refusals.get(one.row.delivery_id) is Refusal.REDACTED:
            one.row.body, one.row.reason = b"{}", privacy.ERASED


def _apply_each(session: Session, tenant_id: int, store_id: int, mapped: Sequence[_Mapped], now: datetime) -> int:
    """Apply each alone, for a while; how many were not tried, and wait on."""
    ends = time.monotonic() + ALONE.total_seconds()
    for tried, one in enumerate(mapped, 1):
        _apply_alone(session, tenant_id, store_id, one, now)
        if time.monotonic() >= ends:
            return len(mapped) - tried
    return 0


def _apply_alone(session: Session, tenant_id: int, store_id: int, one: _Mapped, now: datetime) -> None:
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, [one], now)
    except UnmappableError as error:
        log.warning("a delivery cannot be applied", delivery_id=one.row.delivery_id, reason=str(error))
        _end(one.row, "failed", str(error), now)
    except Exception as error:
        if _is_no_fault_of_theirs(error):
            raise
        log.exception("a delivery could not be applied", delivery_id=one.row.delivery_id, topic=one.row.topic)
        _end(one.row, "failed", _why(error), now)


def _why(error: Exception) -> str:
    if sqlstates.gave_up(error):
        return "It could not be written: the database gave it up, because it took too long or asked for too much."
    return f"It could not be written ({type(error).__name__}); the log has the details."


def _end(row: Delivery, state: str, reason: str | None, now: datetime) -> None:
    row.state, row.reason, row.applied_at = state, reason, now
    row.attempts += 1
    # What cannot be read today may be by then: a newer Xeno reads more.
    row.retry_at = retry.next_try(row.attempts, now) if state == "failed" else None


def _end_all(session: Session, tenant_id: int, store_id: int, delivery_ids: list[int], now: datetime) -> None:
    """As `_end`, with all that were applied at once."""
    these = (Delivery.tenant_id == tenant_id, Delivery.store_id == store_id, Delivery.delivery_id.in_(delivery_ids))
    ended = {"state": "applied", "reason": None, "applied_at": now, "retry_at": None}
    statement = update(Delivery).where(*these).values(attempts=Delivery.attempts + 1, **ended)
    session.execute(statement, execution_options={"synchronize_session": False})
