"""What Shopify's API last answered about orders, compressed."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE order_answers (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            order_id BIGINT NOT NULL,
            updated_at timestamptz NOT NULL,
            read_at timestamptz NOT NULL,
            is_whole BOOLEAN NOT NULL,
            documents_version SMALLINT NOT NULL,
            dictionary SMALLINT NOT NULL,
            answer BYTEA NOT NULL,
            CONSTRAINT pk_order_answers PRIMARY KEY (tenant_id, store_id, order_id),
            CONSTRAINT fk_order_answers_orders FOREIGN KEY (tenant_id, store_id, order_id)
                REFERENCES orders (tenant_id, store_id, order_id) ON DELETE CASCADE
        )
    """)
    # The answers are compressed already.
    op.execute("ALTER TABLE order_answers ALTER COLUMN answer SET STORAGE EXTERNAL")
    protect_table("order_answers")


def downgrade() -> None:
    op.execute("DROP TABLE order_answers")
