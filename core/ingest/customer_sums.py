"""Recomputes what triggers keep of customers, and compares both: for the audit and for repairs.

The triggers of the migrations `0034` and later write these tables with every change of an order.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from core.database import StoreKey


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A kept table: its columns behind tenant and store, and the query that recomputes its rows."""

    name: str
    columns: str
    recomputed: str


KEPT_TABLES = (
    KeptTable(
        "customer_orders",
        "order_id, customer_key, currency, business_date, number, currency_number, "
        "previous_date, next_date, first_date",
        """
        SELECT order_id, customer_key, currency, business_date,
               CAST(row_number() OVER ever AS integer), CAST(row_number() OVER own AS integer),
               lag(business_date) OVER own, lead(business_date) OVER own,
               CASE WHEN first_value(processed_at) OVER own = first_value(processed_at) OVER ever
                    THEN first_value(business_date) OVER own END
        FROM orders
        WHERE tenant_id = :tenant_id AND store_id = :store_id AND NOT test AND deleted_at IS NULL
        WINDOW ever AS (PARTITION BY customer_key ORDER BY processed_at, order_id),
               own AS (PARTITION BY customer_key, currency ORDER BY processed_at, order_id)
        """,
    ),
    KeptTable(
        "customer_days",
        "currency, business_date, previous_date, orders, firsts, seconds",
        """
        SELECT currency, business_date, coalesce(previous_date, '0001-01-01'), count(*),
               count(*) FILTER (WHERE currency_number = 1 AND first_date IS NOT NULL),
               count(*) FILTER (WHERE currency_number = 2 AND first_date IS NOT NULL)
        FROM customer_orders
        WHERE tenant_id = :tenant_id AND store_id = :store_id
        GROUP BY 1, 2, 3
        """,
    ),
    KeptTable(
        "customer_months",
        "currency, business_date, previous_month, orders, firsts, seconds",
        """
        SELECT currency, business_date, CAST(date_trunc('month', CAST(previous_date AS timestamp)) AS date),
               sum(orders), sum(firsts), sum(seconds)
        FROM customer_days
        WHERE tenant_id = :tenant_id AND store_id = :store_id
        GROUP BY 1, 2, 3
        """,
    ),
)
"""What is kept, each table after those that its query reads."""


_OF_STORE = "tenant_id = :tenant_id AND store_id = :store_id"


def differences(session: Session, store: StoreKey) -> dict[str, int]:
    """Count the rows of each kept table that differ from a recomputation; a changed row counts twice."""
    return {table.name: session.execute(_differing(table), store.parameters).scalar_one() for table in KEPT_TABLES}


def rebuild(session: Session, store: StoreKey) -> None:
    """Replace all rows of the store by recomputed ones. No other writer changes the store's orders meanwhile."""
    lock = "SELECT FROM stores WHERE tenant_id = :tenant_id AND store_id = :store_id FOR NO KEY UPDATE"
    session.execute(text(lock), store.parameters)
    for table in KEPT_TABLES:
        for statement in _rebuilding(table):
            session.execute(text(statement), store.parameters)


def _differing(table: KeptTable) -> TextClause:
    kept = f"SELECT {table.columns} FROM {table.name} WHERE {_OF_STORE}"
    return text(f"""
        WITH kept AS MATERIALIZED ({kept}), recomputed AS MATERIALIZED ({table.recomputed})
        SELECT count(*) FROM (
            (SELECT * FROM kept EXCEPT SELECT * FROM recomputed)
            UNION ALL (SELECT * FROM recomputed EXCEPT SELECT * FROM kept)
        ) differing
    """)


def _rebuilding(table: KeptTable) -> tuple[str, str]:
    return (
        f"DELETE FROM {table.name} WHERE {_OF_STORE}",
        f"""INSERT INTO {table.name} (tenant_id, store_id, {table.columns})
            SELECT :tenant_id, :store_id, recomputed.* FROM ({table.recomputed}) recomputed""",
    )
