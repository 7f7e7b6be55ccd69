"""The stock by location, once on each day of a store."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE stock_by_day (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            business_date DATE NOT NULL,
            inventory_item_id BIGINT NOT NULL,
            location_id BIGINT NOT NULL,
            available BIGINT,
            on_hand BIGINT,
            CONSTRAINT pk_stock_by_day
                PRIMARY KEY (tenant_id, store_id, business_date, inventory_item_id, location_id),
            CONSTRAINT fk_stock_by_day_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("stock_by_day")


def downgrade() -> None:
    op.execute("DROP TABLE stock_by_day")
