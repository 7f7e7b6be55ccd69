"""The net sales of each order that have a known cost, beside its gross profit: a margin is a share of these alone."""

from __future__ import annotations

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE order_profits ADD COLUMN net_with_cost numeric NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE order_profits ALTER COLUMN net_with_cost DROP DEFAULT")
    op.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO stale_profit_days (tenant_id, store_id, business_date)
        SELECT DISTINCT tenant_id, store_id, business_date FROM orders
        ON CONFLICT DO NOTHING""")
    op.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE order_profits DROP COLUMN net_with_cost")
