"""Indexes of later sales with all amounts, and the sales of the last days by variant, counted each night."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0050"
down_revision = "0049"
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
    op.execute("""
        CREATE TABLE recent_sales (
            tenant_id BIGINT NOT NULL,
            store_id BIGINT NOT NULL,
            currency TEXT NOT NULL,
            product_id BIGINT NOT NULL,
            variant_id BIGINT NOT NULL,
            units BIGINT NOT NULL,
            net_sales NUMERIC NOT NULL,
            PRIMARY KEY (tenant_id, store_id, currency, product_id, variant_id),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("recent_sales")


def downgrade() -> None:
    for day in _INDEXES:
        _replace(day, "")
    op.execute("DROP TABLE recent_sales")


def _replace(day: str, include: str) -> None:
    op.execute(f"DROP INDEX ix_later_sales_{day}")
    op.execute(f"CREATE INDEX ix_later_sales_{day} ON later_sales (tenant_id, store_id, {day}, order_id) {include}")
