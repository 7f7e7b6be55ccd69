"""Applies the deliveries that wait for a store: from the raw rows to the commerce tables, in batches.

In the order of arrival, a batch in one transaction. What cannot be applied stays, with its reason, and does not hold
up the rest; but when it is the database that fails, all of it stays pending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import ingest, jobs, logs
from core.db import tenant_session
from core.errors import TransientError, UnmappableError
from core.models import Delivery, Store
from core.models import Order as OrderRow
from core.records import Order, Record, Refund, Reread
from core.shopify import mapping

BATCH = 100
UNINSTALLED = "app/uninstalled"

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A delivery with what its body says."""

    row: Delivery
    records: tuple[Record, ...]


def apply_pending(tenant_id: int, store_id: int, now: datetime) -> int:
    """Apply every delivery that waits for the store; returns how many were looked at.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer; nothing is lost, the rest is still pending.
    """
    seen = 0
    while True:
        with tenant_session(tenant_id) as session:
            rows = _pending(session, tenant_id, store_id)
            _apply_batch(session, tenant_id, store_id, rows, now)
        seen += len(rows)
        if len(rows) < BATCH:
            return seen


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
    mapped = [found for row in rows if (found := _map(session, row, now)) is not None]
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, mapped, now)
    except (OperationalError, TransientError):
        raise
    except Exception:
        log.exception("a batch of deliveries could not be applied; trying each alone")
        for one in mapped:
            _apply_alone(session, tenant_id, store_id, one, now)


def _map(session: Session, row: Delivery, now: datetime) -> _Mapped | None:
    """What the delivery says; None, with the reason noted, where there is nothing to write."""
    row.attempts += 1
    if row.topic == UNINSTALLED:
        _uninstalled(session, row)
        _end(row, "applied", None, now)
    elif not mapping.is_mapped(row.topic):
        _end(row, "ignored", "Kept; nothing is made of this topic yet.", now)
    else:
        try:
            return _Mapped(row, mapping.from_webhook(row.topic, row.body, row.triggered_at or row.received_at))
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
    order_ids |= _to_read_back(session, tenant_id, store_id, told)
    if told:
        ingest.write(session, tenant_id, store_id, told, now)
    if order_ids:
        jobs.enqueue(session, jobs.Task.REREAD_ORDERS, tenant_id, store_id, order_ids=sorted(order_ids))
    for one in mapped:
        _end(one.row, "applied", None, now)


def _to_read_back(session: Session, tenant_id: int, store_id: int, records: Iterable[Record]) -> set[int]:
    """Orders that Shopify's own ledger knows better than their bodies: refunded ones, and those that it was read of.

    What the body says counts at once; what is read back replaces it.
    """
    orders = {record.order_id: record for record in records if isinstance(record, Order)}
    refunded = {record.order_id for record in records if isinstance(record, Refund)}
    refunded |= {order_id for order_id, order in orders.items() if order.refunds}
    read = select(OrderRow.order_id).where(
        OrderRow.tenant_id == tenant_id,
        OrderRow.store_id == store_id,
        OrderRow.order_id.in_(orders),
        OrderRow.agreements.is_not(None),
    )
    return refunded | set(session.scalars(read))


def _apply_alone(session: Session, tenant_id: int, store_id: int, one: _Mapped, now: datetime) -> None:
    try:
        with session.begin_nested():
            _apply(session, tenant_id, store_id, [one], now)
    except (OperationalError, TransientError):
        raise
    except Exception as error:
        log.exception("a delivery could not be applied", delivery_id=one.row.delivery_id, topic=one.row.topic)
        _end(one.row, "failed", f"It could not be written ({type(error).__name__}); the log has the details.", now)


def _end(row: Delivery, state: str, reason: str | None, now: datetime) -> None:
    row.state, row.reason, row.applied_at = state, reason, now


def _uninstalled(session: Session, row: Delivery) -> None:
    """The token is dead; unless this is old news that crossed with a reinstallation."""
    found = session.get(Store, (row.tenant_id, row.store_id))
    told_at = row.triggered_at or row.received_at
    if found is not None and found.state == "connected" and told_at > found.connected_at:
        found.state = "reconnect"
        found.state_reason = "The app was uninstalled in Shopify; install it again there, then reconnect the store."
