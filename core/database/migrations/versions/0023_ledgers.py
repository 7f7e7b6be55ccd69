"""The refunds that were listed beside an order's ledger; its duties and fees; an index of sales of unknown kinds."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN duties NUMERIC")
    op.execute("ALTER TABLE orders ADD COLUMN fees NUMERIC")
    op.execute("ALTER TABLE orders ADD COLUMN agreed_refunds BIGINT[] DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE orders ADD COLUMN agreed_at timestamptz")
    # The policies bind the tables' owner, too, who is no superuser everywhere. Other sessions wait meanwhile.
    for table in ("orders", "refunds"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    # Until now a stored ledger was always of the reading that wrote the row, which listed every refund made by then.
    op.execute("UPDATE orders SET agreed_at = updated_at WHERE agreements IS NOT NULL")
    op.execute("""
        UPDATE orders SET agreed_refunds = listed.refunds
        FROM (
            SELECT r.tenant_id, r.store_id, r.order_id, array_agg(r.refund_id ORDER BY r.refund_id) AS refunds
            FROM refunds r
            JOIN orders o USING (tenant_id, store_id, order_id)
            WHERE o.agreements IS NOT NULL AND coalesce(r.created_at, r.processed_at) <= o.updated_at
            GROUP BY r.tenant_id, r.store_id, r.order_id
        ) listed
        WHERE orders.tenant_id = listed.tenant_id AND orders.store_id = listed.store_id
            AND orders.order_id = listed.order_id
    """)
    for table in ("orders", "refunds"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE INDEX ix_sales_unknown ON sales (tenant_id, store_id) INCLUDE (order_id) WHERE line_type = 'unknown'
    """)
