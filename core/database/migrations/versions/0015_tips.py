"""Lines of an order that are tips."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A constant default: PostgreSQL adds the column without rewriting the table.
    op.execute("ALTER TABLE line_items ADD COLUMN is_tip BOOLEAN DEFAULT false NOT NULL")
