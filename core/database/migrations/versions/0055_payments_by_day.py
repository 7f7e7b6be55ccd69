"""Payments and refunds by day and gateway."""

from __future__ import annotations

from alembic import op

from core.database.migrations.kept_sums import KeptSums, create_table, create_triggers, drop_triggers, fill
from core.database.migrations.policies import protect_table

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_RECEIVED = "r.kind IN ('sale', 'capture')"
_REFUNDED = "r.kind = 'refund'"
_BY_DAY = KeptSums(
    "payments_by_day",
    {"currency": "r.currency", "business_date": "r.business_date", "gateway": "coalesce(r.gateway, '')"},
    {"received": ("r.amount", _RECEIVED), "refunded": ("r.amount", _REFUNDED)},
    {"payments": _RECEIVED, "refunds": _REFUNDED},
    rows=f"r.status = 'success' AND NOT r.test AND ({_RECEIVED} OR {_REFUNDED})",
    emptied_by=("payments", "refunds"),
)


def upgrade() -> None:
    sums = {"received": "NUMERIC", "refunded": "NUMERIC", "payments": "BIGINT", "refunds": "BIGINT"}
    create_table("payments_by_day", {"currency": "TEXT", "business_date": "DATE", "gateway": "TEXT"}, sums)
    fill("transactions", [_BY_DAY])
    create_triggers("sum_transactions", "transactions", [_BY_DAY])
    protect_table("payments_by_day")


def downgrade() -> None:
    drop_triggers("sum_transactions")
    op.execute("DROP TABLE payments_by_day")
