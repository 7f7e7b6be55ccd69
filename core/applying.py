"""Applies the deliveries that wait for a store: from the raw rows to the commerce tables, in batches.

In the order of arrival, a batch in one transaction, and of one store one batch at a time: what comes meanwhile makes
the next one larger. What cannot be applied stays, with its reason, and does not hold up the rest; but when it is the
database that fails, all of it stays pending.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import ingest, jobs, logs, privacy, replay, settling, shop_news
from core.db import tenant_session
from core.errors import NotKeyed, TransientError, UnmappableError
from core.ingest import statistics
from core.models import Delivery
from core.records import Order, Record, Refund, Reread
from core.shopify import mapping

BATCH = 250
BURST = 50
"""So many at once may be more than PostgreSQL knows of the tables they go to."""
SLICE = timedelta(seconds=2)
"""How long a job goes on before other stores have their turn."""
SWEEP_AFTER = timedelta(seconds=1)
AGAIN_AFTER = timedelta(seconds=0.25)
"""When to look again where another job is at the store's deliveries."""
_ACTS = privacy.COMPLIANCE | shop_news.TOPICS
"""Topics that tell of no record, but ask for something."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A delivery with what its body says."""

    row: Delivery
    records: tuple[Record, ...]


def work(tenant_id: int, store_id: int, slice_length: timedelta = SLICE) -> None:
    """Apply what waits for the store, for one slice of time; what is left is queued again behind other stores' jobs.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is lost, the rest is still pending.
    """
    ends = time.monotonic() + slice_length.total_seconds()
    for number in count(1):
        looked_at = _apply_next(tenant_id, store_id, datetime.now(UTC))
        if looked_at is None:
            return _look_again(tenant_id, store_id, AGAIN_AFTER)
        _after_batch(tenant_id, number, looked_at)
        if looked_at < BATCH:
            return _sweep(tenant_id, store_id) if looked_at or number > 1 else None
        if time.monotonic() >= ends:
            return _look_again(tenant_id, store_id)


def apply_pending(tenant_id: int, store_id: int, now: datetime) -> int:
    """Apply every delivery that waits for the store, unless somebody is at it; returns how many were looked at.

    Raises:
        DatabaseUnavailable: as `work`.
    """
    seen = number = 0
    looked_at = BATCH
    while looked_at == BATCH:
        looked_at = _apply_next(tenant_id, store_id, now) or 0
        seen, number = seen + looked_at, number + 1
        _after_batch(tenant_id, number, looked_at)
    return seen


def _after_batch(tenant_id: int, number: int, looked_at: int) -> None:
    """In a burst, after its first batch, and each time there are twice as many."""
    if looked_at >= BURST and number.bit_count() == 1:
        statistics.refresh(tenant_id)


def _sweep(tenant_id: int, store_id: int) -> None:
    """Look once more a moment after deliveries were applied: what was being kept when they were found counted on the
    job that found them."""
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, tenant_id, store_id, SWEEP_AFTER)


def _look_again(tenant_id: int, store_id: int, delay: timedelta = timedelta(0)) -> None:
    with tenant_session(tenant_id) as session:
        jobs.enqueue_once(session, jobs.Task.APPLY_DELIVERIES, tenant_id, store_id, delay, within=delay)


def _apply_next(tenant_id: int, store_id: int, now: datetime) -> int | None:
    """Apply the next batch; how many were looked at, or None while another job is at this store's."""
    with tenant_session(tenant_id) as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(_own_lock(tenant_id, store_id)))):
            return None
        rows = _pending(session, tenant_id, store_id)
        _apply_batch(session, tenant_id, store_id, rows, now)
    return len(rows)


def _own_lock(tenant_id: int, store_id: int) -> ColumnElement[int]:
    """The number of a lock that is about the store's deliveries and nothing else."""
    return func.hashtextextended(f"{jobs.Task.APPLY_DELIVERIES}:{tenant_id}:{store_id}", 0)


def _pending(session: Session, tenant_id: int, store_id: int) -> Sequence[Delivery]:
    query = (
        select(Delivery)
        .where(Delivery.tenant_id == tenant_id, Delivery.store_id == store_id, Delivery.state == "pending")
        .order_by(Delivery.delivery_id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(query).all()


def _apply_batch(session: Session, tenant_id: int, store_id: int, rows: Iterable[Delivery], now: datetime) -> None:
    mapped = [found for row in rows if (found := _map(row, now)) is not None]
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, mapped, now)
    except (OperationalError, TransientError):
        raise
    except Exception:
        log.exception("a batch of deliveries could not be applied; trying each alone")
        for one in mapped:
            _apply_alone(session, tenant_id, store_id, one, now)


def _map(row: Delivery, now: datetime) -> _Mapped | None:
    """What the delivery says; None, with the reason noted, where there is nothing to write."""
    if row.topic in _ACTS:
        return _Mapped(row, ())
    if not mapping.is_mapped(row.topic):
        _end(row, "ignored", "Kept; nothing is made of this topic yet.", now)
    else:
        try:
            return _Mapped(row, mapping.from_webhook(row.topic, row.body, row.triggered_at or row.received_at))
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


def _apply(session: Session, tenant_id: int, store_id: int, mapped: Sequence[_Mapped], now: datetime) -> None:
    records = [record for one in mapped for record in one.records]
    told = [record for record in records if not isinstance(record, Reread)]
    order_ids = {record.shopify_id for record in records if isinstance(record, Reread)}
    order_ids |= {record.order_id for record in told if isinstance(record, Order | Refund)}
    if told:
        ingest.write(session, tenant_id, store_id, told, now)
    settling.ask(session, tenant_id, store_id, order_ids, now)
    _end_all(session, tenant_id, store_id, [one.row.delivery_id for one in mapped], now)
    _forget_bodies(session, tenant_id, store_id, mapped)
    # After all that came before: who is redacted is redacted in it, too.
    for one in mapped:
        if one.row.topic in shop_news.TOPICS:
            shop_news.take(session, one.row)
        elif one.row.topic in privacy.COMPLIANCE and not privacy.take(session, one.row, now):
            return


def _forget_bodies(session: Session, tenant_id: int, store_id: int, mapped: Iterable[_Mapped]) -> None:
    """Late news of somebody who was redacted count, but their bodies are not kept."""
    gone = ingest.redacted(session, tenant_id, store_id, [record for one in mapped for record in one.records])
    for one in mapped:
        if gone and ingest.concerns(gone, one.records):
            one.row.body, one.row.reason = b"{}", privacy.ERASED


def _apply_alone(session: Session, tenant_id: int, store_id: int, one: _Mapped, now: datetime) -> None:
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, [one], now)
    except (OperationalError, TransientError):
        raise
    except UnmappableError as error:
        log.warning("a delivery cannot be applied", delivery_id=one.row.delivery_id, reason=str(error))
        _end(one.row, "failed", str(error), now)
    except Exception as error:
        log.exception("a delivery could not be applied", delivery_id=one.row.delivery_id, topic=one.row.topic)
        _end(one.row, "failed", f"It could not be written ({type(error).__name__}); the log has the details.", now)
        # Unlike a body that cannot be read, this may be different in a while.
        one.row.retry_at = replay.next_try(one.row.attempts, now)


def _end(row: Delivery, state: str, reason: str | None, now: datetime) -> None:
    row.state, row.reason, row.applied_at, row.retry_at = state, reason, now, None
    row.attempts += 1


def _end_all(session: Session, tenant_id: int, store_id: int, delivery_ids: list[int], now: datetime) -> None:
    """As `_end`, with all that were applied at once."""
    these = (Delivery.tenant_id == tenant_id, Delivery.store_id == store_id, Delivery.delivery_id.in_(delivery_ids))
    ended = {"state": "applied", "reason": None, "applied_at": now, "retry_at": None}
    statement = update(Delivery).where(*these).values(attempts=Delivery.attempts + 1, **ended)
    session.execute(statement, execution_options={"synchronize_session": False})
