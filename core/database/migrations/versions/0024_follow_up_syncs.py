"""A store may have a queued sync run beside the one under way: it follows it, for who asked meanwhile."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for state in ("queued", "running"):
        op.execute(
            f"CREATE UNIQUE INDEX uq_sync_runs_{state} ON sync_runs (tenant_id, store_id) WHERE state = '{state}'"
        )
    op.execute("DROP INDEX uq_sync_runs_active")
