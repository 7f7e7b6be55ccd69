"""Records of a store that could not be read, with the reason; the planner's figures of customers are renewed too."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE unreadable_records (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            kind TEXT NOT NULL,
            shopify_id BIGINT NOT NULL,
            reason TEXT NOT NULL,
            seen_at timestamptz NOT NULL,
            CONSTRAINT pk_unreadable_records PRIMARY KEY (tenant_id, store_id, kind, shopify_id),
            CONSTRAINT fk_unreadable_records_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE,
            CONSTRAINT ck_unreadable_records_kind CHECK (kind IN ('order', 'customer', 'product', 'checkout'))
        )
    """)
    _isolate("unreadable_records")
    op.execute("""
        CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            name text;
        BEGIN
            FOREACH name IN ARRAY ARRAY[
                'orders', 'products', 'customers', 'refunds', 'checkouts', 'line_items', 'shipping_lines', 'sales'
            ] LOOP
                IF (SELECT reltuples < 10000 FROM pg_class WHERE oid = to_regclass('public.' || name)) THEN
                    EXECUTE format('ANALYZE public.%I', name);
                END IF;
            END LOOP;
        END $$
    """)


def _isolate(table: str) -> None:
    """Rows of one tenant only, as in the first migration; and the role that serves may use the table."""
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
