"""Refunds with their lines and adjustments. A refund may come before its order, and never goes away."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ingest.encoding import adjustments_json
from core.ingest.target import Row, Target, among, replace_children, upsert
from core.models import Order, Refund, RefundLine
from core.records import Refund as RefundRecord


def write(session: Session, target: Target, records: Iterable[RefundRecord], rewrite: Collection[int]) -> set[int]:
    """Write the refunds not known yet, and those of the orders just written; returns the ids of their orders.

    A known refund that comes alone is left as it is: it does not change, and an order's version of it is as good.
    """
    versions = {refund.refund_id: refund for refund in records}
    if not versions:
        return set()
    stored = select(Refund.refund_id).where(*target.owns(Refund), among(Refund.refund_id, versions))
    known = set(session.scalars(stored))
    refunds = [
        versions[refund_id]
        for refund_id in sorted(versions)
        if refund_id not in known or versions[refund_id].order_id in rewrite
    ]
    currencies = _currencies(session, target, {refund.order_id for refund in refunds})
    upsert(session, target, Refund, [_refund_row(target, refund, currencies) for refund in refunds])
    lines = [row for refund in refunds for row in _line_rows(target, refund, currencies)]
    replace_children(session, target, RefundLine.refund_id, known & {refund.refund_id for refund in refunds}, lines)
    return {refund.order_id for refund in refunds if refund.refund_id not in known}


def _currencies(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, str]:
    """The currency of each order; one that is not here yet is in the store's."""
    found = session.execute(
        select(Order.order_id, Order.currency).where(*target.owns(Order), among(Order.order_id, order_ids))
    )
    return dict.fromkeys(order_ids, target.currency) | {row.order_id: row.currency for row in found}


def _refund_row(target: Target, refund: RefundRecord, currencies: dict[int, str]) -> Row:
    return {
        **target.key,
        "refund_id": refund.refund_id,
        "order_id": refund.order_id,
        "processed_at": refund.processed_at,
        "business_date": target.day(refund.processed_at),
        "created_at": refund.created_at,
        "note": refund.note,
        "refunded": refund.refunded,
        "adjustments": adjustments_json(refund.adjustments),
        "currency": currencies[refund.order_id],
    }


def _line_rows(target: Target, refund: RefundRecord, currencies: dict[int, str]) -> list[Row]:
    return [
        {
            **target.key,
            "refund_id": refund.refund_id,
            "refund_line_id": line.refund_line_id,
            "line_item_id": line.line_item_id,
            "quantity": line.quantity,
            "subtotal": line.subtotal,
            "tax": line.tax,
            "restock_type": line.restock_type,
            "currency": currencies[refund.order_id],
        }
        for line in refund.lines
    ]
