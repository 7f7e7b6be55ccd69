"""Indexes of later sales with all amounts, so that sums of returns read no rows."""

from __future__ import annotations

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_AMOUNTS = "returned, units_returned, gross_added, units_added, refunded"
_INDEXES = {
    "happened_on": f"happened_at, placed_on, placed_at, currency, kind, product_id, {_AMOUNTS}",
    "placed_on": f"placed_at, happened_on, happened_at, currency, kind, product_id, {_AMOUNTS}",
}
"""The columns of an index beside its day and the order, by its day."""


def upgrade() -> None:
    for day, columns in _INDEXES.items():
        _replace(day, f"INCLUDE ({columns})")


def downgrade() -> None:
    for day in _INDEXES:
        _replace(day, "")


def _replace(day: str, include: str) -> None:
    op.execute(f"DROP INDEX ix_later_sales_{day}")
    op.execute(f"CREATE INDEX ix_later_sales_{day} ON later_sales (tenant_id, store_id, {day}, order_id) {include}")
