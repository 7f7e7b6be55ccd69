"""What the stock of the last weeks says about its end: days without stock, and units that left each location."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE recent_stock (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            variant_id BIGINT NOT NULL,
            location_id BIGINT NOT NULL,
            days_out BIGINT NOT NULL,
            units_left BIGINT NOT NULL,
            CONSTRAINT pk_recent_stock PRIMARY KEY (tenant_id, store_id, variant_id, location_id),
            CONSTRAINT fk_recent_stock_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("recent_stock")


def downgrade() -> None:
    op.execute("DROP TABLE recent_stock")
