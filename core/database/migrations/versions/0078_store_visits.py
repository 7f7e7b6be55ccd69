"""The present visit of each user to each store, and when the one before it ended."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE store_visits (
            tenant_id bigint NOT NULL,
            store_id bigint NOT NULL,
            user_id bigint NOT NULL,
            last_active_at timestamptz NOT NULL,
            previous_ended_at timestamptz,
            CONSTRAINT pk_store_visits PRIMARY KEY (tenant_id, store_id, user_id),
            CONSTRAINT fk_store_visits_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE,
            CONSTRAINT fk_store_visits_users FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX ix_store_visits_user_id ON store_visits (user_id)")
    protect_table("store_visits")


def downgrade() -> None:
    op.execute("DROP TABLE store_visits")
