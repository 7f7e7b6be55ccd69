"""How often a store's sums were deferred: a rebuild, which takes several transactions, finds what came meanwhile."""

from __future__ import annotations

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deferred_sums ADD COLUMN deferrals BIGINT NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE deferred_sums DROP COLUMN deferrals")
