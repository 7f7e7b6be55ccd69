"""Remembers records that could not be read, with the reason, until they are read or deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import UnreadableRecord, UnsettledOrder
from core.domain import Checkout, Customer, Deleted, InventoryLevel, Kind, Order, Product, Record, Source, Unreadable
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import upsert

_RETRY_AFTER = timedelta(minutes=1)


class _Remembered(Struct, frozen=True, gc=False):
    kind: Kind
    shopify_id: int
    reason: str
    seen_at: datetime


_RECORDS = Layout(UnreadableRecord, _Remembered)


def write(session: Session, target: Target, records: Iterable[Record], now: datetime) -> int:
    """Remember the unreadable records, and forget those that the API returned readable or that are deleted.

    Returns how many are remembered.
    """
    unreadable: dict[tuple[str, int], Unreadable] = {}
    readable: dict[Kind, set[int]] = defaultdict(set)
    for record in records:
        if isinstance(record, Unreadable):
            unreadable[record.kind, record.shopify_id] = record
        elif key := _readable(record):
            readable[key[0]].add(key[1])
    for kind, ids in readable.items():
        stored = (target.owns(UnreadableRecord), UnreadableRecord.kind == kind)
        session.execute(delete(UnreadableRecord).where(*stored, among(UnreadableRecord.shopify_id, ids)))
    _refetch(session, target, [record.shopify_id for record in unreadable.values() if record.may_heal], now)
    remembered = [
        _Remembered(record.kind, record.shopify_id, record.reason, now) for _, record in sorted(unreadable.items())
    ]
    upsert(session, target, _RECORDS.rows_of(target, remembered))
    return len(remembered)


def _refetch(session: Session, target: Target, order_ids: Iterable[int], now: datetime) -> None:
    """Have these orders re-fetched, unless they wait for that already."""
    key = target.store.parameters
    orders = [
        {**key, "order_id": order_id, "reported_at": now, "due_at": now + _RETRY_AFTER} for order_id in order_ids
    ]
    if orders:
        session.execute(insert(UnsettledOrder).on_conflict_do_nothing(), orders)


def _readable(record: Record) -> tuple[Kind, int] | None:
    """Return the kind and id of a record that is readable or deleted.

    A webhook's body says nothing about the API's answer, so its records are none.
    """
    if isinstance(record, Deleted):
        return record.kind, record.shopify_id
    if isinstance(record, Order | Customer | Product | Checkout | InventoryLevel) and record.source != Source.API:
        return None
    if isinstance(record, Order):
        return Kind.ORDER, record.order_id
    if isinstance(record, Customer):
        return Kind.CUSTOMER, record.customer_id
    if isinstance(record, Product):
        return Kind.PRODUCT, record.product_id
    if isinstance(record, InventoryLevel):
        return Kind.INVENTORY_ITEM, record.inventory_item_id
    return (Kind.CHECKOUT, record.checkout_id) if isinstance(record, Checkout) else None
