"""The payments of orders: kind, status, gateway and amount."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE transactions (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            transaction_id BIGINT NOT NULL,
            parent_id BIGINT,
            kind TEXT NOT NULL,
            status TEXT NOT NULL,
            gateway TEXT,
            amount NUMERIC NOT NULL,
            currency TEXT NOT NULL,
            processed_at timestamptz NOT NULL,
            business_date DATE NOT NULL,
            test BOOLEAN NOT NULL,
            CONSTRAINT pk_transactions PRIMARY KEY (tenant_id, store_id, order_id, transaction_id),
            CONSTRAINT fk_transactions_orders FOREIGN KEY (tenant_id, store_id, order_id)
                REFERENCES orders (tenant_id, store_id, order_id) ON DELETE CASCADE
        )
    """)
    op.execute(
        "CREATE INDEX ix_transactions_tenant_id_store_id_business_date "
        "ON transactions (tenant_id, store_id, business_date)"
    )
    protect_table("transactions")


def downgrade() -> None:
    op.execute("DROP TABLE transactions")
