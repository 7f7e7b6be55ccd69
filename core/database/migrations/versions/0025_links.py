"""Links that set a password or make an account, and what became of an invitation's mail."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"


def upgrade() -> None:
    op.execute("ALTER TABLE invitations ADD COLUMN mail_note TEXT")
    # Looked up before a tenant is known, as tickets are.
    op.execute("""
        CREATE TABLE password_resets (
            token_hash BYTEA NOT NULL,
            user_id BIGINT NOT NULL,
            made_in BIGINT,
            made_by BIGINT,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_password_resets PRIMARY KEY (token_hash),
            CONSTRAINT fk_password_resets_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT fk_password_resets_makers FOREIGN KEY(made_by)
                REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT fk_password_resets_tenants FOREIGN KEY(made_in)
                REFERENCES tenants (tenant_id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX ix_password_resets_user_id ON password_resets (user_id)")
    op.execute("CREATE INDEX ix_password_resets_expires_at ON password_resets (expires_at)")
    op.execute("""
        CREATE TABLE registration_links (
            token_hash BYTEA NOT NULL,
            email TEXT NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_registration_links PRIMARY KEY (token_hash)
        )
    """)
    op.execute("CREATE INDEX ix_registration_links_expires_at ON registration_links (expires_at)")
    for table in ("password_resets", "registration_links"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
