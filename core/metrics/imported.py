"""Which refunds have no day? Those of imported orders: a CSV file has no dates of refunds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Undated:
    """Refunds without a day in one currency: the number of their orders, and their sum."""

    orders: int
    amount: Decimal
    currency: str


_UNDATED = text(f"""
SELECT count(*) AS orders, sum(refunds_undated) AS amount, currency
FROM orders
WHERE {f.of_store()} AND refunds_undated IS NOT NULL AND deleted_at IS NULL
GROUP BY currency
ORDER BY orders DESC, currency
""")


def undated_refunds(session: Session, scope: Scope) -> tuple[Undated, ...]:
    """Sum up the refunds that no day's returns include, by currency, most orders first."""
    return tuple(Undated(**row) for row in session.execute(_UNDATED, scope.parameters).mappings())
