"""The reason why a webhook was not applied, as a value to count beside its sentence."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_REFUSALS = (
    "'stale', 'deleted before', 'redacted', 'unmapped topic', 'no key', 'unreadable', 'other currency', 'denied', "
    "'gave up'"
)


def upgrade() -> None:
    op.execute("ALTER TABLE deliveries ADD COLUMN refusal text")
    op.execute(f"ALTER TABLE deliveries ADD CONSTRAINT ck_deliveries_refusal CHECK (refusal IN ({_REFUSALS}))")
