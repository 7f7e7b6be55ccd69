"""Orders with their lines and shipping lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from core.ingest import arrivals, rows
from core.ingest.copying import Lines, Rows
from core.ingest.drafts import drafted
from core.ingest.target import Newer, Target, newest, not_stale, replace_children, upsert
from core.models import LineItem, Order, ShippingLine
from core.records import Kind
from core.records import Order as OrderRecord


def write(session: Session, target: Target, records: Iterable[OrderRecord]) -> Newer[OrderRecord]:
    """Write the versions that are newer than what is stored; returns those written."""
    newer = not_stale(
        session, target, newest(target, records, lambda order: order.order_id), Kind.ORDER, Order.order_id
    )
    orders = [newer.records[order_id] for order_id in sorted(newer.records)]
    arrivals.note(session, target, orders)
    if len(orders) < target.copy_from:
        _write_rows(session, target, orders, newer.replaced)
    else:
        _write_lines(session, target, orders, newer.replaced)
    return newer


def _write_rows(session: Session, target: Target, orders: Sequence[OrderRecord], replaced: Collection[int]) -> None:
    lines = [row for order in orders for row in rows.line_rows(target, order)]
    shipping = [row for order in orders for row in rows.shipping_rows(target, order)]
    upsert(session, target, Order, Rows(rows.ORDER_COLUMNS, [rows.order_row(target, order) for order in orders]))
    replace_children(session, target, LineItem.order_id, replaced, Rows(rows.LINE_COLUMNS, lines))
    replace_children(session, target, ShippingLine.order_id, replaced, Rows(rows.SHIPPING_COLUMNS, shipping))


def _write_lines(session: Session, target: Target, orders: Sequence[OrderRecord], replaced: Collection[int]) -> None:
    drafts = drafted(target, orders)
    lines = [line for draft in drafts for line in draft.lines]
    shipping = [line for draft in drafts for line in draft.shipping]
    upsert(session, target, Order, Lines(rows.ORDER_COLUMNS, [draft.order for draft in drafts]))
    replace_children(session, target, LineItem.order_id, replaced, Lines(rows.LINE_COLUMNS, lines))
    replace_children(session, target, ShippingLine.order_id, replaced, Lines(rows.SHIPPING_COLUMNS, shipping))
