"""The appearance of the pages that a user chose."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE users ADD COLUMN theme text NOT NULL DEFAULT 'system' "
        "CONSTRAINT ck_users_theme CHECK (theme IN ('system', 'light', 'dark'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN theme")
