"""Writes orders again that are here in the same version already: rows that were lost or damaged come right by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import ingest
from core.models import Order
from core.records import Order as OrderRecord


def write(
    session: Session, tenant_id: int, store_id: int, orders: Sequence[OrderRecord], now: datetime
) -> ingest.Written:
    """As `ingest.write`, for orders that were just read whole: they replace the same version of themselves too, never
    a newer one.

    Raises:
        NotFound: the tenant has no such store.
    """
    for order in orders:
        # Without its ledger, what is stored ranks below the same version with it.
        same = (Order.tenant_id == tenant_id, Order.store_id == store_id, Order.order_id == order.order_id)
        told_before = update(Order).where(*same, Order.updated_at == order.updated_at).values(agreements=None)
        session.execute(told_before)
    return ingest.write(session, tenant_id, store_id, orders, now)
