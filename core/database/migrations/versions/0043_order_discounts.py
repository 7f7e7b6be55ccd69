"""Which code or discount took how much of each line, and what each took off an order."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("line_items", "shipping_lines"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN allocations JSONB DEFAULT '[]' NOT NULL")
    op.execute("""
        CREATE TABLE order_discounts (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            discount_no SMALLINT NOT NULL,
            placed_at timestamptz NOT NULL,
            business_date DATE NOT NULL,
            kind TEXT NOT NULL,
            label TEXT NOT NULL,
            off_goods NUMERIC NOT NULL,
            off_shipping NUMERIC NOT NULL,
            currency TEXT NOT NULL,
            CONSTRAINT pk_order_discounts PRIMARY KEY (tenant_id, store_id, order_id, discount_no),
            CONSTRAINT fk_order_discounts_orders FOREIGN KEY (tenant_id, store_id, order_id)
                REFERENCES orders (tenant_id, store_id, order_id) ON DELETE CASCADE,
            CONSTRAINT ck_order_discounts_kind
                CHECK (kind IN ('code', 'automatic', 'manual', 'script', 'unknown'))
        )
    """)
    op.execute(
        "CREATE INDEX ix_order_discounts_tenant_id_store_id_business_date "
        "ON order_discounts (tenant_id, store_id, business_date)"
    )
    protect_table("order_discounts")


def downgrade() -> None:
    op.execute("DROP TABLE order_discounts")
    for table in ("line_items", "shipping_lines"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN allocations")
