"""Real time: orders to be read back, customers who were merged or redacted, receipts of privacy requests."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"
TENANT_TABLES = ("unsettled_orders", "customer_merges", "redactions", "privacy_requests")


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in TENANT_TABLES:
        _isolate(table)


def _isolate(table: str) -> None:
    """Rows of one tenant only, as in the first migration; and the role that serves may use the table."""
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
