"""Protects a new table of a tenant. Every migration that creates one calls `protect_table`.

Migrations up to 0027 each hold a copy of these statements; they have run and stay as they are.
"""

from __future__ import annotations

from alembic import op

from core.database.logins import APP_ROLE

_IS_THE_TENANTS = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
"""PostgreSQL leaves the setting empty, not unset, after a transaction that set it, so empty means no tenant, too."""


def protect_table(table: str) -> None:
    """Let the serving role use the table, and show each transaction the rows of its tenant only.

    Forced, because without FORCE the policy does not bind the table's owner, and a process may serve as that.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({_IS_THE_TENANTS}) WITH CHECK ({_IS_THE_TENANTS})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
