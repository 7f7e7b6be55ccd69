"""Stores whose orders are re-read after an upgrade, because an older version of the mapping made their rows."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE improvements (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            version SMALLINT NOT NULL,
            requested_at timestamptz NOT NULL,
            worked_at timestamptz,
            orders_total BIGINT NOT NULL,
            orders_left BIGINT NOT NULL,
            attempts INTEGER DEFAULT 0 NOT NULL,
            error TEXT,
            before timestamptz,
            operation_id TEXT,
            since timestamptz,
            started_at timestamptz,
            CONSTRAINT pk_improvements PRIMARY KEY (tenant_id, store_id),
            CONSTRAINT fk_improvements_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute("ALTER TABLE improvements ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE improvements FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON improvements USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON improvements TO {APP_ROLE}")
