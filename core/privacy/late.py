"""Bodies in which somebody is who was redacted before: of deliveries that came late, or that could not be read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database.ids import among
from core.database.models import Delivery, Redaction
from core.privacy import bodies


def forget(session: Session, tenant_id: int, store_id: int, rows: Iterable[Delivery]) -> None:
    """Erase, in these deliveries of a store, the bodies that name somebody who was redacted."""
    numbers = {row: bodies.numbers_in(row.body) for row in rows}
    gone = _redacted(session, tenant_id, store_id, frozenset[int]().union(*numbers.values()))
    for row, named in numbers.items():
        if gone and not gone.isdisjoint(named):
            bodies.erase(row)


def _redacted(session: Session, tenant_id: int, store_id: int, numbers: frozenset[int]) -> frozenset[int]:
    """Those of these numbers that are a redacted customer's or order's."""
    if not numbers:
        return frozenset()
    mine = (Redaction.tenant_id == tenant_id, Redaction.store_id == store_id)
    return frozenset(session.scalars(select(Redaction.shopify_id).where(*mine, among(Redaction.shopify_id, numbers))))
