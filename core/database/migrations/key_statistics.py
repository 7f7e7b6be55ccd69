"""Statistics of a table's key. Every migration that creates a table of stores calls `create_key_statistics`."""

from __future__ import annotations

from alembic import op


def create_key_statistics(table: str) -> None:
    """Let the planner know that each store of the table has one tenant; the next ANALYZE counts.

    Without it, the planner multiplies the shares of the tenant and of its store, and expects too few rows.
    """
    op.execute(f"CREATE STATISTICS {table}_store (dependencies) ON tenant_id, store_id FROM {table}")
