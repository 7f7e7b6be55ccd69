"""Which version of the mapping made an order's rows: those of an older one are re-read after an upgrade."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Constant defaults: no row is rewritten, however many there are.
    op.execute("ALTER TABLE orders ADD COLUMN mapping_version SMALLINT DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE orders ADD COLUMN ledger_version SMALLINT DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE stores ADD COLUMN mapping_version SMALLINT DEFAULT 0 NOT NULL")
