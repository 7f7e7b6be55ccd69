"""Recomputes the ledger rows of orders, and their discounts by code, from what is stored of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database.ids import among
from core.database.models import Base, LineItem, Order, OrderDiscount, Refund, RefundLine, Sale, ShippingLine
from core.domain import LineItem as LineRecord
from core.domain import Order as OrderRecord
from core.domain import Refund as RefundRecord
from core.domain import RefundLine as RefundLineRecord
from core.domain import ShippingLine as ShippingRecord
from core.domain import Source
from core.ingest.changed import replace_changed
from core.ingest.encoding import adjustments_from, agreements_from, allocations_from, taxes_from, withheld_from
from core.ingest.order_rows import DISCOUNTS, SALES, discount_lines, rows_in, sales_lines, split
from core.ingest.orders import WrittenOrders
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import write_new

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
NO_ORDERS = WrittenOrders()
_CHILDREN: tuple[
    tuple[Layout[Any], InstrumentedAttribute[int], Callable[[Target, OrderRecord], list[bytes]]], ...
] = (
    (SALES, Sale.order_id, sales_lines),
    (DISCOUNTS, OrderDiscount.order_id, discount_lines),
)
"""What is computed from an order: its rows, the column of its id, and the computation."""


def rewrite(session: Session, target: Target, order_ids: Collection[int], written: WrittenOrders = NO_ORDERS) -> None:
    """Replace the sales and discounts of these orders; an order that is deleted, a test, or not stored yet has
    none.

    An order of `written` is not read back, unless other refunds or Shopify's ledger are stored beside its record.
    """
    selected = written.selected
    refunds = _stored_refund_ids(session, target, selected.records)
    computed = {
        order_id
        for order_id, order in selected.records.items()
        if refunds[order_id] <= {refund.refund_id for refund in order.refunds}
        and not (order.agreements is None and order_id in selected.with_ledger)
    }
    others = stored_orders(session, target, [order_id for order_id in order_ids if order_id not in computed])
    stored = set(order_ids) - (selected.records.keys() - selected.replaced)
    known, new = split([rows for order_id, rows in written.rows.items() if order_id in computed], stored)
    for layout, parent, lines in _CHILDREN:
        of_others = [line for order in others for line in lines(target, order)]
        replace_changed(session, target, parent, stored, rows_in(layout, known, written.staged, of_others))
        write_new(session, target, rows_in(layout, new, written.staged))


def stored_orders(session: Session, target: Target, order_ids: Collection[int]) -> list[OrderRecord]:
    """Return these orders as records, as the ledger needs them, without the deleted ones, by their ids."""
    if not order_ids:
        return []
    # Never from the session's identity map: the rows were just written by statements that it does not see.
    query = select(Order).where(target.owns(Order), among(Order.order_id, order_ids), Order.deleted_at.is_(None))
    rows = session.scalars(query.order_by(Order.order_id).execution_options(populate_existing=True)).all()
    lines = _children(session, target, LineItem.order_id, order_ids, _line)
    shipping = _children(session, target, ShippingLine.order_id, order_ids, _shipping)
    refunds = _refunds(session, target, order_ids)
    return [_order(row, lines[row.order_id], shipping[row.order_id], refunds[row.order_id]) for row in rows]


def _stored_refund_ids(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the ids of the stored refunds, by their orders' ids."""
    refund_ids: dict[int, set[int]] = defaultdict(set)
    if order_ids:
        query = select(Refund.order_id, Refund.refund_id).where(
            target.owns(Refund), among(Refund.order_id, order_ids)
        )
        for order_id, refund_id in session.execute(query):
            refund_ids[order_id].add(refund_id)
    return refund_ids


def _children(
    session: Session,
    target: Target,
    parent: InstrumentedAttribute[int],
    parents: Collection[int],
    record: Callable[[Any], T],
) -> dict[int, list[T]]:
    """Return the child rows of these parents as records, by parent, in the order of their keys."""
    model = parent.class_
    query = select(model).where(target.owns(model), among(parent, parents)).order_by(*model.__mapper__.primary_key)
    children: dict[int, list[T]] = defaultdict(list)
    for row in session.scalars(query.execution_options(populate_existing=True)):
        children[getattr(row, parent.key)].append(record(row))
    return children


def _refunds(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, list[RefundRecord]]:
    query = select(Refund).where(target.owns(Refund), among(Refund.order_id, order_ids)).order_by(Refund.refund_id)
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    lines = _children(session, target, RefundLine.refund_id, [row.refund_id for row in rows], _refund_line)
    refunds: dict[int, list[RefundRecord]] = defaultdict(list)
    for row in rows:
        parts = {"lines": tuple(lines[row.refund_id]), "adjustments": adjustments_from(row.adjustments)}
        refunds[row.order_id].append(_record(RefundRecord, row, **parts))
    return refunds


def _order(
    row: Order, lines: Iterable[LineRecord], shipping: Iterable[ShippingRecord], refunds: Iterable[RefundRecord]
) -> OrderRecord:
    return _record(
        OrderRecord,
        row,
        discount_codes=tuple(row.discount_codes),
        tags=tuple(row.tags),
        journey=None,  # No figure of the ledger needs it, and it is long.
        line_items=tuple(lines),
        shipping_lines=tuple(shipping),
        refunds=tuple(refunds),
        agreements=agreements_from(row.agreements),
        agreed_refunds=tuple(row.agreed_refunds),
        source=Source(row.source),
        withheld=withheld_from(row.withheld),
    )


def _line(row: LineItem) -> LineRecord:
    return _record(LineRecord, row, **_shares(row))


def _shipping(row: ShippingLine) -> ShippingRecord:
    return _record(ShippingRecord, row, **_shares(row))


def _shares(row: LineItem | ShippingLine) -> dict[str, Any]:
    return {"taxes": taxes_from(row.taxes), "allocations": allocations_from(row.allocations)}


def _refund_line(row: RefundLine) -> RefundLineRecord:
    return _record(RefundLineRecord, row)


def _record(kind: type[S], row: Base, **converted: Any) -> S:
    """Return the record of a row: its fields have the columns of the same names, except `converted`."""
    columns = row.__table__.c
    same = {name: getattr(row, name) for name in kind.__struct_fields__ if name in columns and name not in converted}
    return kind(**same, **converted)
