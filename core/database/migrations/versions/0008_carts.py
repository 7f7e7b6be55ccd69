"""Carts of the online store, as carts/update tells of them; and the fields that Shopify keeps from a store's app."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("ALTER TABLE stores ADD COLUMN denied_fields TEXT[] DEFAULT '{}' NOT NULL")
    op.execute("""
        CREATE TABLE carts (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            cart_token TEXT NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            units BIGINT NOT NULL,
            total NUMERIC NOT NULL,
            currency TEXT,
            source TEXT NOT NULL,
            CONSTRAINT pk_carts PRIMARY KEY (tenant_id, store_id, cart_token),
            CONSTRAINT fk_carts_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute("ALTER TABLE carts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE carts FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON carts USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON carts TO {APP_ROLE}")
