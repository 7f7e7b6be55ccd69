"""Where goods lie: the stock of each inventory item at each location, and what the locations are called."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE locations (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            location_id BIGINT NOT NULL,
            name TEXT NOT NULL,
            CONSTRAINT pk_locations PRIMARY KEY (tenant_id, store_id, location_id),
            CONSTRAINT fk_locations_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    op.execute("""
        CREATE TABLE inventory_levels (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            inventory_item_id BIGINT NOT NULL,
            location_id BIGINT NOT NULL,
            available BIGINT,
            on_hand BIGINT,
            updated_at timestamptz NOT NULL,
            source TEXT NOT NULL,
            CONSTRAINT pk_inventory_levels PRIMARY KEY (tenant_id, store_id, inventory_item_id, location_id),
            CONSTRAINT fk_inventory_levels_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    _isolate("locations")
    _isolate("inventory_levels")
    op.execute("ALTER TABLE unreadable_records DROP CONSTRAINT ck_unreadable_records_kind")
    op.execute("""
        ALTER TABLE unreadable_records ADD CONSTRAINT ck_unreadable_records_kind
        CHECK (kind IN ('order', 'customer', 'product', 'checkout', 'inventory item'))
    """)
    op.execute("ALTER TABLE backfill_slices DROP CONSTRAINT ck_backfill_slices_entity")
    op.execute("""
        ALTER TABLE backfill_slices ADD CONSTRAINT ck_backfill_slices_entity
        CHECK (entity IN ('orders', 'products', 'customers', 'inventory', 'checkouts'))
    """)


def _isolate(table: str) -> None:
    """Rows of one tenant only, as in the first migration; and the role that serves may use the table."""
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
