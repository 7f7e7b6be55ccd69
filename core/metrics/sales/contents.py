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
SELECT o.orders, o.imported_orders, o.first_day,
       (SELECT count(*) FROM products WHERE {f.of_store()} AND deleted_at IS NULL) AS products,
       (SELECT count(*) FROM customers WHERE {f.of_store()} AND deleted_at IS NULL) AS customers
FROM (
    SELECT count(*) AS orders, count(*) FILTER (WHERE source = 'csv') AS imported_orders,
           min(business_date) AS first_day
    FROM orders WHERE {f.of_store()} AND deleted_at IS NULL
) AS o
""")


def contents(session: Session, scope: Scope) -> Contents:
    """Count the store's records. It reads every order of the store, so callers cache the answer."""
    return Contents(**session.execute(_CONTENTS, scope.parameters).mappings().one())
