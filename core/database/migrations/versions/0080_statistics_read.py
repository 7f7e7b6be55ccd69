"""When the statistics of each customer were read: Shopify recomputes its own segments without a new version."""

from __future__ import annotations

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE customers ADD COLUMN statistics_read_at timestamptz")
    op.execute("UPDATE customers SET statistics_read_at = read_at WHERE read_at IS NOT NULL")
    op.execute("""
        CREATE INDEX ix_customers_statistics_read_at
        ON customers (tenant_id, store_id, statistics_read_at NULLS FIRST)
        WHERE deleted_at IS NULL
    """)


def downgrade() -> None:
    op.execute("DROP INDEX ix_customers_statistics_read_at")
    op.execute("ALTER TABLE customers DROP COLUMN statistics_read_at")
