"""The planner's statistics of the commerce tables, renewed during bulk writes.

A table that was empty a moment ago has none. PostgreSQL analyses it by itself after a minute or more. Until then the
planner takes any index that begins with tenant and store to be as selective as the key, also in the foreign-key check
of a line's order: each row then reads all orders of the store (measured: 84 seconds instead of 17 for 18,000 orders).
"""

from __future__ import annotations

from sqlalchemy import text

from core.database import tenant_session


def refresh(tenant_id: int) -> None:
    """Renew the statistics of tables that were small and have doubled since, in a transaction of its own.

    Takes some tenths of a second at most.
    """
    with tenant_session(tenant_id) as session:
        session.execute(text("SELECT refresh_statistics()"))
