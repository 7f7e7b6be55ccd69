"""What is stored of a store? The numbers of its records, and the day back to which its orders reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.metrics import formulas as f
from core.metrics.scope import Scope


@dataclass(frozen=True, slots=True)
class Contents:
    """The stored records of a store. `imported_orders` of the `orders` come from CSV files. `first_day` is the day of
    the oldest order, in the store's time; None without orders."""

    orders: int
    imported_orders: int
    first_day: date | None
    products: int
    customers: int


_CONTENTS = text(f"""
SELECT coalesce(sum(k.records) FILTER (WHERE k.kind = 'orders'), 0)::bigint AS orders,
       coalesce(sum(k.records) FILTER (WHERE k.kind = 'orders' AND k.source = 'csv'), 0)::bigint AS imported_orders,
       (SELECT o.business_date FROM orders o WHERE {f.of_store("o")} AND o.deleted_at IS NULL
        ORDER BY o.business_date LIMIT 1) AS first_day,
       coalesce(sum(k.records) FILTER (WHERE k.kind = 'products'), 0)::bigint AS products,
       coalesce(sum(k.records) FILTER (WHERE k.kind = 'customers'), 0)::bigint AS customers
FROM record_counts k WHERE {f.of_store("k")}
""")


def contents(session: Session, scope: Scope) -> Contents:
    """Count the store's records, from counts that are kept."""
    return Contents(**session.execute(_CONTENTS, scope.parameters).mappings().one())
