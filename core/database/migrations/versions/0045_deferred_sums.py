"""Kept sums may be deferred: a transaction of a first load sets `xeno.sums`, and a rebuild makes up for it.

The triggers that keep sums do nothing in such a transaction; `deferred_sums` notes the stores that await the rebuild.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from core.database.migrations.kept_sums import UNLESS_DEFERRED
from core.database.migrations.policies import protect_table

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_KEEPING = text("""
    SELECT tgrelid::regclass::text AS source, tgname AS name, pg_get_triggerdef(oid) AS definition
    FROM pg_trigger
    WHERE NOT tgisinternal AND (tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL) AND tgqual IS NULL
      AND NOT starts_with(tgname, 'mark_')
""")
"""The triggers that keep sums: all that see the rows of a whole statement, but those that mark days as stale."""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE deferred_sums (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            since timestamptz,
            rebuild_seconds NUMERIC NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant_id, store_id),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("deferred_sums")
    for trigger in op.get_bind().execute(_KEEPING).all():
        deferrable = trigger.definition.replace(" EXECUTE FUNCTION ", f" {UNLESS_DEFERRED} EXECUTE FUNCTION ")
        op.execute(f"DROP TRIGGER {trigger.name} ON {trigger.source}")
        op.get_bind().exec_driver_sql(deferrable)


def downgrade() -> None:
    # The condition of the triggers stays: nothing sets `xeno.sums` then.
    op.execute("DROP TABLE deferred_sums")
