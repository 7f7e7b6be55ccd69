"""The first load in slices, checkouts that were left, and runs that can be canceled."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"
TENANT_TABLES = ("backfill_slices", "orders_to_read", "checkouts", "checkout_lines")


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in TENANT_TABLES:
        _isolate(table)
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
    op.execute(f"GRANT EXECUTE ON FUNCTION refresh_statistics() TO {APP_ROLE}")


def _isolate(table: str) -> None:
    """As in 0001: rows of one tenant only, for every command and for the owner too; with no tenant set, none."""
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})")
