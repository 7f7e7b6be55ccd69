"""Erasing stored webhooks piece by piece; and whom a shop's privacy requests reach after it was disconnected."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE erasures (
            tenant_id BIGINT NOT NULL,
            request_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            customer_id BIGINT,
            email TEXT,
            order_ids BIGINT[] NOT NULL,
            orders BIGINT NOT NULL,
            bodies BIGINT NOT NULL,
            seen_id BIGINT NOT NULL,
            last_id BIGINT NOT NULL,
            CONSTRAINT pk_erasures PRIMARY KEY (tenant_id, request_id),
            CONSTRAINT fk_erasures_privacy_requests FOREIGN KEY(tenant_id, request_id)
                REFERENCES privacy_requests (tenant_id, request_id) ON DELETE CASCADE,
            CONSTRAINT fk_erasures_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute("ALTER TABLE erasures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE erasures FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON erasures USING ({mine}) WITH CHECK ({mine})")
    # A receipt is there before the last body is erased.
    op.execute("ALTER TABLE privacy_requests ALTER COLUMN done_at DROP NOT NULL")
    op.execute("ALTER TABLE stores ADD COLUMN sealed_compliance TEXT")
    # Read before a tenant is known, as store_routes; one shop may have been connected by several tenants.
    op.execute("""
        CREATE TABLE former_routes (
            shop_domain TEXT NOT NULL,
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            CONSTRAINT pk_former_routes PRIMARY KEY (shop_domain, tenant_id),
            CONSTRAINT fk_former_routes_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    for table in ("erasures", "former_routes"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
