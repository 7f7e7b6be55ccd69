"""Recomputes the ledger rows of orders from what is stored of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.models import LineItem, Order, Refund, RefundLine, Sale, ShippingLine
from core.domain import LineItem as LineRecord
from core.domain import Order as OrderRecord
from core.domain import Refund as RefundRecord
from core.domain import RefundLine as RefundLineRecord
from core.domain import ShippingLine as ShippingRecord
from core.domain import Source
from core.ingest import rows
from core.ingest.copying import Lines, Rows, line_writer
from core.ingest.drafts import drafted
from core.ingest.encoding import adjustments_from, agreements_from, taxes_from
from core.ingest.target import Newer, Target, among, replace_children

T = TypeVar("T")
NOTHING: Newer[OrderRecord] = Newer({}, set(), set())


def rewrite(
    session: Session,
    target: Target,
    order_ids: Collection[int],
    written: Newer[OrderRecord] = NOTHING,
) -> None:
    """Replace the sale rows of these orders; of one that is deleted, a test, or not here yet, none remain.

    `written` are the orders whose rows were just written from these records, with their refunds: unless other refunds
    or Shopify's ledger are stored beside them, they need not be read back.
    """
    refunded = _refunded(session, target, written.records)
    known = {
        order_id: order
        for order_id, order in written.records.items()
        if refunded[order_id] <= {refund.refund_id for refund in order.refunds}
        and not (order.agreements is None and order_id in written.with_ledger)
    }
    others = stored_orders(session, target, [order_id for order_id in order_ids if order_id not in known])
    made = _made(target, others, known.values())
    new = written.records.keys() - written.replaced
    replace_children(session, target, Sale.order_id, set(order_ids) - new, made)


def _made(target: Target, stored: Iterable[OrderRecord], written: Collection[OrderRecord]) -> Rows | Lines:
    """The sale rows of orders; as lines where that is how the written ones' other rows were made."""
    others = [row for order in stored for row in rows.sales_rows(target, order)]
    if not target.drafts:
        mine = (row for order in written for row in rows.sales_rows(target, rows.as_stored(order)))
        return Rows(rows.SALE_COLUMNS, [*others, *mine])
    lines = [line for draft in drafted(target, written) for line in draft.sales]
    return Lines(rows.SALE_COLUMNS, [*lines, *map(line_writer(Sale.__table__, rows.SALE_COLUMNS), others)])


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
        duties=row.duties,
        fees=row.fees,
        cancelled_at=row.cancelled_at,
        financial_status=row.financial_status,
        refunds_undated=row.refunds_undated,
        line_items=tuple(lines),
        shipping_lines=tuple(shipping),
        refunds=tuple(refunds),
        agreements=agreements_from(row.agreements),
        agreed_refunds=tuple(row.agreed_refunds),
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
        is_tip=row.is_tip,
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
