"""Recomputes the ledger rows of orders from what is stored of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.ingest.copying import Rows
from core.ingest.encoding import adjustments_from, agreements_from, taxes_from
from core.ingest.target import KEY, Newer, Target, among, replace_children
from core.ledger import sale_rows
from core.models import LineItem, Order, Refund, RefundLine, Sale, ShippingLine
from core.records import LineItem as LineRecord
from core.records import Order as OrderRecord
from core.records import Refund as RefundRecord
from core.records import RefundLine as RefundLineRecord
from core.records import ShippingLine as ShippingRecord
from core.records import Source

T = TypeVar("T")
NOTHING: Newer[OrderRecord] = Newer({}, set())


def rewrite(
    session: Session,
    target: Target,
    order_ids: Collection[int],
    written: Newer[OrderRecord] = NOTHING,
) -> None:
    """Replace the sale rows of these orders; of one that is deleted, a test, or not here yet, none remain.

    `written` are the orders whose rows were just written from these records, with their refunds: unless others are
    stored beside them, they need not be read back.
    """
    refunded = _refunded(session, target, written.records)
    known = {
        order_id: order
        for order_id, order in written.records.items()
        if refunded[order_id] <= {refund.refund_id for refund in order.refunds}
    }
    orders = [
        *stored_orders(session, target, [order_id for order_id in order_ids if order_id not in known]),
        *(_as_stored(order) for order in known.values()),
    ]
    rows = [row for order in orders for row in _sale_rows(target, order)]
    first_told = written.records.keys() - written.replaced
    replace_children(session, target, Sale.order_id, set(order_ids) - first_told, Rows(_COLUMNS, rows))


def stored_orders(session: Session, target: Target, order_ids: Collection[int]) -> list[OrderRecord]:
    """These orders as records, as the ledger needs them, without the deleted ones; in the order of their ids."""
    if not order_ids:
        return []
    # Never from the identity map: the rows were just written by statements that it does not see.
    query = select(Order).where(*target.owns(Order), among(Order.order_id, order_ids), Order.deleted_at.is_(None))
    found = session.scalars(query.order_by(Order.order_id).execution_options(populate_existing=True)).all()
    lines = _children(session, target, LineItem.order_id, order_ids, _line)
    shipping = _children(session, target, ShippingLine.order_id, order_ids, _shipping)
    refunds = _refunds(session, target, order_ids)
    return [_order(row, lines[row.order_id], shipping[row.order_id], refunds[row.order_id]) for row in found]


def _refunded(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, set[int]]:
    """The refunds that are stored, by their orders' ids."""
    found: dict[int, set[int]] = defaultdict(set)
    if order_ids:
        query = select(Refund.order_id, Refund.refund_id).where(
            *target.owns(Refund), among(Refund.order_id, order_ids)
        )
        for order_id, refund_id in session.execute(query):
            found[order_id].add(refund_id)
    return found


def _as_stored(order: OrderRecord) -> OrderRecord:
    """The record with its parts in the order in which they are read back: the rows' numbers follow it."""
    lines = [line.line_item_id for line in order.line_items]
    shipping = [line.shipping_line_id for line in order.shipping_lines]
    if not order.refunds and _ascend(lines) and _ascend(shipping):
        return order
    return replace(
        order,
        line_items=tuple(sorted(order.line_items, key=lambda line: line.line_item_id)),
        shipping_lines=tuple(sorted(order.shipping_lines, key=lambda line: line.shipping_line_id)),
        refunds=tuple(sorted(map(_refund_as_stored, order.refunds), key=lambda refund: refund.refund_id)),
    )


def _refund_as_stored(refund: RefundRecord) -> RefundRecord:
    return replace(refund, lines=tuple(sorted(refund.lines, key=lambda line: line.refund_line_id)))


def _ascend(ids: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(ids))


_SAME_NAME = (
    "happened_at reason action line_type line_item_id product_id variant_id quantity net discount tax".split()
)
_COLUMNS = (*KEY, "order_id", "currency", "sale_no", "business_date", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _sale_rows(target: Target, order: OrderRecord) -> list[tuple[Any, ...]]:
    mine = (*target.key_values, order.order_id, order.currency)
    rows = sale_rows(order)
    return [(*mine, number, target.day(row.happened_at), *_same(row)) for number, row in enumerate(rows)]


def _children(
    session: Session,
    target: Target,
    parent: InstrumentedAttribute[int],
    parents: Collection[int],
    record: Callable[[Any], T],
) -> dict[int, list[T]]:
    """The child rows of these parents as records, by parent, in the order of their keys."""
    model = parent.class_
    query = select(model).where(*target.owns(model), among(parent, parents)).order_by(*model.__mapper__.primary_key)
    found: dict[int, list[T]] = defaultdict(list)
    for row in session.scalars(query.execution_options(populate_existing=True)):
        found[getattr(row, parent.key)].append(record(row))
    return found


def _refunds(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, list[RefundRecord]]:
    query = select(Refund).where(*target.owns(Refund), among(Refund.order_id, order_ids)).order_by(Refund.refund_id)
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    lines = _children(session, target, RefundLine.refund_id, [row.refund_id for row in rows], _refund_line)
    found: dict[int, list[RefundRecord]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(_refund(row, lines[row.refund_id]))
    return found


def _order(
    row: Order, lines: Iterable[LineRecord], shipping: Iterable[ShippingRecord], refunds: Iterable[RefundRecord]
) -> OrderRecord:
    return OrderRecord(
        order_id=row.order_id,
        name=row.name,
        currency=row.currency,
        created_at=row.created_at,
        processed_at=row.processed_at,
        updated_at=row.updated_at,
        total=row.total,
        test=row.test,
        taxes_included=row.taxes_included,
        tip=row.tip,
        cancelled_at=row.cancelled_at,
        financial_status=row.financial_status,
        refunds_undated=row.refunds_undated,
        line_items=tuple(lines),
        shipping_lines=tuple(shipping),
        refunds=tuple(refunds),
        agreements=agreements_from(row.agreements),
        source=Source(row.source),
    )


def _line(row: LineItem) -> LineRecord:
    return LineRecord(
        line_item_id=row.line_item_id,
        title=row.title,
        quantity=row.quantity,
        unit_price=row.unit_price,
        discount=row.discount,
        taxes=taxes_from(row.taxes),
        product_id=row.product_id,
        variant_id=row.variant_id,
        is_gift_card=row.is_gift_card,
    )


def _shipping(row: ShippingLine) -> ShippingRecord:
    return ShippingRecord(
        shipping_line_id=row.shipping_line_id,
        title=row.title,
        price=row.price,
        discount=row.discount,
        taxes=taxes_from(row.taxes),
        is_removed=row.is_removed,
    )


def _refund(row: Refund, lines: Iterable[RefundLineRecord]) -> RefundRecord:
    return RefundRecord(
        refund_id=row.refund_id,
        order_id=row.order_id,
        processed_at=row.processed_at,
        refunded=row.refunded,
        lines=tuple(lines),
        adjustments=adjustments_from(row.adjustments),
    )


def _refund_line(row: RefundLine) -> RefundLineRecord:
    return RefundLineRecord(
        refund_line_id=row.refund_line_id,
        line_item_id=row.line_item_id,
        quantity=row.quantity,
        subtotal=row.subtotal,
        tax=row.tax,
        restock_type=row.restock_type,
    )
