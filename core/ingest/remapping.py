"""Finds orders whose rows an older version of the mapping wrote, and their kept answers, and recomputes
those that Shopify no longer returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from core.database import StoreKey
from core.database.ids import among
from core.database.models import LineItem, Order, OrderAnswer, Store
from core.domain import DOCUMENTS_VERSION, MAPPING_VERSION, Source, tips
from core.domain import LineItem as LineRecord
from core.ingest import sales
from core.ingest.ranks import Reading
from core.ingest.target import Target


def count(session: Session, store: StoreKey, of_files: bool | None = None) -> int:
    """Count the store's outdated orders: all (None), only imported ones (True), or only others (False)."""
    query = select(func.count()).select_from(Order).where(*_outdated(store, of_files))
    return session.scalar(query) or 0


def newest(session: Session, store: StoreKey, of_files: bool, limit: int) -> Sequence[int]:
    """Return the ids of some outdated orders, the latest first."""
    query = select(Order.order_id).where(*_outdated(store, of_files))
    return session.scalars(query.order_by(Order.order_id.desc()).limit(limit)).all()


def beginning(session: Session, store: StoreKey, before: datetime | None, size: int) -> datetime | None:
    """Return the earliest creation time of the latest `size` outdated orders that were not imported.

    Only orders created before `before` count. None if there are none.
    """
    latest = select(Order.created_at).where(*_outdated(store, of_files=False))
    if before is not None:
        latest = latest.where(Order.created_at < before)
    some = latest.order_by(Order.created_at.desc()).limit(size).subquery()
    return session.scalar(select(func.min(some.c.created_at)))


def still_outdated(session: Session, store: StoreKey, order_ids: Collection[int]) -> Sequence[int]:
    """Return the ids among these whose orders are still outdated."""
    query = select(Order.order_id).where(*_outdated(store, None), among(Order.order_id, order_ids))
    return session.scalars(query).all()


def kept_answers(session: Session, store: StoreKey, limit: int) -> Sequence[OrderAnswer]:
    """Return Shopify's kept answers about some outdated orders, the latest first.

    Only answers that have all that is asked of an order now, and its present version.
    """
    fits = (
        *_outdated(store, of_files=False),
        OrderAnswer.documents_version == DOCUMENTS_VERSION,
        OrderAnswer.updated_at >= Order.updated_at,
    )
    same = (OrderAnswer.tenant_id == Order.tenant_id, OrderAnswer.store_id == Order.store_id)
    query = select(OrderAnswer).join(Order, and_(*same, OrderAnswer.order_id == Order.order_id)).where(*fits)
    return session.scalars(query.order_by(OrderAnswer.order_id.desc()).limit(limit)).all()


def delete_answers(session: Session, store: StoreKey, order_ids: Collection[int]) -> None:
    """Delete the kept answers about these orders: their orders are read from Shopify."""
    answers = (store.owns(OrderAnswer), among(OrderAnswer.order_id, order_ids))
    session.execute(delete(OrderAnswer).where(*answers))


def compute(session: Session, store: StoreKey, order_ids: Collection[int], now: datetime) -> None:
    """Recompute the sale rows of these orders from their stored rows, and mark the orders as remapped.

    Corrects faults of the ledger's rules, and lines that are tips. Fields that the old mapping did not store, or
    split wrongly, stay wrong: they need Shopify's answer, or the file again.
    """
    if not order_ids:
        return
    row = session.get_one(Store, (store.tenant_id, store.store_id))
    target = Target(store, ZoneInfo(row.time_zone), row.currency, Reading(now))
    _mark_tips(session, target, order_ids)
    sales.rewrite(session, target, order_ids)
    skip(session, store, order_ids)
    row.revision += 1


def skip(session: Session, store: StoreKey, order_ids: Collection[int]) -> None:
    """Mark these orders as remapped without a change."""
    orders = (store.owns(Order), among(Order.order_id, order_ids))
    session.execute(update(Order).where(*orders).values(ledger_version=MAPPING_VERSION))


def finish(session: Session, store: StoreKey) -> None:
    """Mark the store as one without outdated orders."""
    session.execute(update(Store).where(store.owns(Store)).values(mapping_version=MAPPING_VERSION))


def _outdated(store: StoreKey, of_files: bool | None) -> tuple[ColumnElement[bool], ...]:
    outdated = (store.owns(Order), Order.deleted_at.is_(None), Order.ledger_version < MAPPING_VERSION)
    if of_files is None:
        return outdated
    return (*outdated, Order.source == Source.CSV if of_files else Order.source != Source.CSV)


def _mark_tips(session: Session, target: Target, order_ids: Collection[int]) -> None:
    """Mark the lines that are tips: before rows had a mapping version, these were stored as goods."""
    same = and_(target.owns(Order), Order.order_id == LineItem.order_id)
    query = select(LineItem, Order.tip).join(Order, same).where(target.owns(LineItem))
    for line, received in session.execute(query.where(among(LineItem.order_id, order_ids))).all():
        record = LineRecord(line.line_item_id, line.title, line.quantity, line.unit_price)
        goods = {"product_id": line.product_id, "variant_id": line.variant_id, "sku": line.sku}
        (marked,) = tips.marked((replace(record, **goods, is_gift_card=line.is_gift_card),), received)
        line.is_tip = line.is_tip or (tips.is_like_tip(marked) and marked.is_tip)
    session.flush()
