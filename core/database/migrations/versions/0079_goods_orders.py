"""Numbers of orders by product and variant, kept by day and month beside the other sums of stale days."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

_TABLES = {"goods_order_days": "business_date", "goods_order_months": "month"}
"""By table: the column of its days or months."""


def upgrade() -> None:
    for table, day in _TABLES.items():
        op.execute(f"""
            CREATE TABLE {table} (
                tenant_id bigint NOT NULL,
                store_id bigint NOT NULL,
                currency text NOT NULL,
                goods text NOT NULL,
                {day} date NOT NULL,
                goods_id bigint NOT NULL,
                orders bigint NOT NULL,
                CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, store_id, currency, goods, {day}, goods_id),
                CONSTRAINT fk_{table}_stores FOREIGN KEY (tenant_id, store_id)
                    REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
            )
        """)
        protect_table(table)
    # The refresh that fills the tables is that of all stale days.
    op.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO stale_money_days (tenant_id, store_id, business_date)
        SELECT DISTINCT tenant_id, store_id, business_date FROM orders
        ON CONFLICT (tenant_id, store_id, business_date) DO NOTHING
    """)
    op.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
