"""Writes refunds with their lines and adjustments. A refund may come before its order, and is never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import Order, Refund, RefundLine
from core.domain import Refund as RefundRecord
from core.domain import RefundLine as LineRecord
from core.ingest.encoding import adjustments_json
from core.ingest.rows import Layout
from core.ingest.target import Target
from core.ingest.upsert import replace_children, upsert

_REFUNDS = Layout(
    Refund,
    RefundRecord,
    {
        "business_date": lambda place, refund: place.target.day(refund.processed_at),
        "adjustments": lambda _, refund: adjustments_json(refund.adjustments),
        "currency": lambda place, _: place.parent,
    },
)
_LINES = Layout(
    RefundLine,
    LineRecord,
    {
        "refund_id": lambda place, _: place.parent[0],
        "currency": lambda place, _: place.parent[1],
    },
)


def write(
    session: Session, target: Target, records: Iterable[RefundRecord], written_orders: Collection[int]
) -> set[int]:
    """Write new refunds, and those of the orders just written; returns the ids of the new refunds.

    A known refund that comes alone stays as it is: a refund does not change, and an order's version is as good.
    """
    versions = {refund.refund_id: refund for refund in records}
    if not versions:
        return set()
    stored = select(Refund.refund_id).where(target.owns(Refund), among(Refund.refund_id, versions))
    known = set(session.scalars(stored))
    refunds = [
        versions[refund_id]
        for refund_id in sorted(versions)
        if refund_id not in known or versions[refund_id].order_id in written_orders
    ]
    currencies = _currencies(session, target, {refund.order_id for refund in refunds})
    upsert(session, target, _REFUNDS.rows(_REFUNDS.line(target, r, currencies[r.order_id]) for r in refunds))
    lines = [_LINES.line(target, line, (r.refund_id, currencies[r.order_id])) for r in refunds for line in r.lines]
    replaced = known & {refund.refund_id for refund in refunds}
    replace_children(session, target, RefundLine.refund_id, replaced, _LINES.rows(lines))
    return versions.keys() - known


def _currencies(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, str]:
    """Return the currency of each order; an order that is not stored yet has the store's."""
    orders = select(Order.order_id, Order.currency).where(target.owns(Order), among(Order.order_id, order_ids))
    return dict.fromkeys(order_ids, target.currency) | {row.order_id: row.currency for row in session.execute(orders)}
