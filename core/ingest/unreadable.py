"""Records that could not be read are remembered with the reason, until they are read, or are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.database.models import UnreadableRecord, UnsettledOrder
from core.domain import Checkout, Customer, Deleted, InventoryLevel, Kind, Order, Product, Record, Source, Unreadable
from core.ingest.copying import Rows
from core.ingest.target import KEY, Target, among, upsert

_PAUSE = timedelta(minutes=1)
_COLUMNS = (*KEY, "kind", "shopify_id", "reason", "seen_at")


def write(session: Session, target: Target, records: Iterable[Record], now: datetime) -> int:
    """Remember those of the records that are unreadable; returns how many. Forget those that the API told, or that
    are deleted."""
    told: dict[tuple[str, int], Unreadable] = {}
    read: dict[Kind, set[int]] = defaultdict(set)
    for record in records:
        if isinstance(record, Unreadable):
            told[record.kind, record.shopify_id] = record
        elif named := _read(record):
            read[named[0]].add(named[1])
    for kind, ids in read.items():
        mine = (*target.owns(UnreadableRecord), UnreadableRecord.kind == kind)
        session.execute(delete(UnreadableRecord).where(*mine, among(UnreadableRecord.shopify_id, ids)))
    _ask_again(session, target, [one.shopify_id for one in told.values() if one.may_heal], now)
    rows = [(*target.key_values, str(kind), one, told[kind, one].reason, now) for kind, one in sorted(told)]
    upsert(session, target, UnreadableRecord, Rows(_COLUMNS, rows))
    return len(rows)


def _ask_again(session: Session, target: Target, order_ids: Iterable[int], now: datetime) -> None:
    """Have these orders read back, unless they wait for it already."""
    rows = [{**target.key, "order_id": each, "told_at": now, "due_at": now + _PAUSE} for each in order_ids]
    if rows:
        session.execute(insert(UnsettledOrder).on_conflict_do_nothing(), rows)


def _read(record: Record) -> tuple[Kind, int] | None:
    """What a record shows to be readable, or gone. Of a webhook's body nothing follows for what the API tells."""
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
