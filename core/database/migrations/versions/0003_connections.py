"""Connections: the tokens of stores, an app's last secret, installations begun and those that wait for their user."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("ALTER TABLE stores ADD COLUMN sealed_previous_secret TEXT")
    op.execute("ALTER TABLE stores ADD COLUMN previous_secret_until timestamptz")
    op.execute("""
        CREATE TABLE store_tokens (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            sealed TEXT,
            renew_at timestamptz,
            renewed_at timestamptz,
            CONSTRAINT pk_store_tokens PRIMARY KEY (tenant_id, store_id),
            CONSTRAINT fk_store_tokens_stores FOREIGN KEY(tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute("ALTER TABLE store_tokens ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE store_tokens FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON store_tokens USING ({mine}) WITH CHECK ({mine})")
    # The two below are read before a tenant is known; by an unguessable token's hash only.
    op.execute("""
        CREATE TABLE install_states (
            state_hash BYTEA NOT NULL,
            shop_domain TEXT NOT NULL,
            user_id BIGINT,
            nonce_hash BYTEA,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_install_states PRIMARY KEY (state_hash),
            CONSTRAINT fk_install_states_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    op.execute("""
        CREATE TABLE pending_connections (
            claim_hash BYTEA NOT NULL,
            shop_domain TEXT NOT NULL,
            user_id BIGINT,
            client_id TEXT NOT NULL,
            sealed TEXT NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_pending_connections PRIMARY KEY (claim_hash),
            CONSTRAINT fk_pending_connections_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
        )
    """)
    for table in ("install_states", "pending_connections"):
        op.execute(f"CREATE INDEX ix_{table}_expires_at ON {table} (expires_at)")
        op.execute(f"CREATE INDEX ix_{table}_user_id ON {table} (user_id)")
    for table in ("store_tokens", "install_states", "pending_connections"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
