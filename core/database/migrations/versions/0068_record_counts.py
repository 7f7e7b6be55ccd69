"""Counts of the stored orders, products and customers of each store."""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table, create_triggers, drop_triggers, fill
from core.database.migrations.policies import protect_table

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_COUNTED = {"orders": "r.source", "products": "''", "customers": "''"}
"""By table: what its records are counted by. Imported orders are shown apart."""


def upgrade() -> None:
    create_table("record_counts", {"kind": "TEXT", "source": "TEXT"}, {"records": "BIGINT"})
    for kind, source in _COUNTED.items():
        counts = KeptSums(
            "record_counts",
            {"kind": f"'{kind}'", "source": source},
            {},
            {"records": "r.deleted_at IS NULL"},
            emptied_by=("records",),
        )
        fill(kind, [counts])
        create_triggers(f"count_{kind}", kind, [counts])
    protect_table("record_counts")


def downgrade() -> None:
    for kind in _COUNTED:
        drop_triggers(f"count_{kind}")
    op.execute("DROP TABLE record_counts")
