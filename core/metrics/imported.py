"""What imported orders cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Undated:
    """Refunds without a day: of how many orders, and how much money, in the store's currency."""

    orders: int
    amount: Decimal


_UNDATED = text("""
SELECT count(*) AS orders, coalesce(sum(refunds_undated), 0) AS amount
FROM orders
WHERE tenant_id = :tenant_id AND store_id = :store_id AND refunds_undated IS NOT NULL AND deleted_at IS NULL
""")


def undated_refunds(session: Session, scope: Scope) -> Undated:
    """The refunds that are in no day's returns, because a CSV does not tell when the money went back."""
    row = session.execute(_UNDATED, scope.key).one()
    return Undated(row.orders, row.amount)
