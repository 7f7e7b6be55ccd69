"""When the kept sums of a store were last compared with its orders, and how many differed."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE rollup_audits (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            audited_at timestamptz NOT NULL,
            differing BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, store_id),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("rollup_audits")


def downgrade() -> None:
    op.execute("DROP TABLE rollup_audits")
