"""Refunds with their lines and adjustments. A refund may come before its order, and never goes away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.models import Order, Refund, RefundLine
from core.domain import Refund as RefundRecord
from core.ingest.copying import Rows
from core.ingest.encoding import adjustments_json
from core.ingest.target import KEY, Target, among, replace_children, upsert


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
    rows = [_refund_row(target, refund, currencies[refund.order_id]) for refund in refunds]
    upsert(session, target, Refund, Rows(_COLUMNS, rows))
    lines = [row for refund in refunds for row in _line_rows(target, refund, currencies[refund.order_id])]
    replaced = known & {refund.refund_id for refund in refunds}
    replace_children(session, target, RefundLine.refund_id, replaced, Rows(_LINE_COLUMNS, lines))
    return {refund.order_id for refund in refunds if refund.refund_id not in known}


def _currencies(session: Session, target: Target, order_ids: Collection[int]) -> dict[int, str]:
    """The currency of each order; one that is not here yet is in the store's."""
    found = session.execute(
        select(Order.order_id, Order.currency).where(*target.owns(Order), among(Order.order_id, order_ids))
    )
    return dict.fromkeys(order_ids, target.currency) | {row.order_id: row.currency for row in found}


_SAME_NAME = "refund_id order_id processed_at created_at note refunded".split()
_COLUMNS = (*KEY, "business_date", "adjustments", "currency", *_SAME_NAME)
_same = attrgetter(*_SAME_NAME)


def _refund_row(target: Target, refund: RefundRecord, currency: str) -> tuple[Any, ...]:
    day = target.day(refund.processed_at)
    return (*target.key_values, day, adjustments_json(refund.adjustments), currency, *_same(refund))


_LINE_SAME_NAME = "refund_line_id line_item_id quantity subtotal tax restock_type".split()
_LINE_COLUMNS = (*KEY, "refund_id", "currency", *_LINE_SAME_NAME)
_line = attrgetter(*_LINE_SAME_NAME)


def _line_rows(target: Target, refund: RefundRecord, currency: str) -> list[tuple[Any, ...]]:
    return [(*target.key_values, refund.refund_id, currency, *_line(line)) for line in refund.lines]
