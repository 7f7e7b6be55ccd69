"""What is bought together and what customers begin with: counts that a nightly job rebuilds."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_COUNTS = {
    "basket_products": ("product_id", "orders"),
    "product_pairs": ("product_id, other_id", "orders"),
    "first_products": ("product_id", "customers, repeat_customers"),
    "next_products": ("product_id, next_id", "customers"),
}
"""The columns of the key behind tenant and store, and the counts, by table."""


def upgrade() -> None:
    _create("basket_builds", """
        built_at timestamptz NOT NULL, "start" DATE NOT NULL, "end" DATE NOT NULL,
        orders BIGINT NOT NULL, large_orders BIGINT NOT NULL,
        first_start DATE NOT NULL, first_end DATE NOT NULL,
        customers BIGINT NOT NULL, repeat_customers BIGINT NOT NULL, PRIMARY KEY (tenant_id, store_id)
    """)  # fmt: skip
    for table, (key, counts) in _COUNTS.items():
        columns = [f"{name} BIGINT NOT NULL" for name in f"{key}, {counts}".split(", ")]
        _create(table, ", ".join([*columns, f"PRIMARY KEY (tenant_id, store_id, {key})"]))
    op.execute("CREATE INDEX ix_product_pairs_orders ON product_pairs (tenant_id, store_id, orders)")


def downgrade() -> None:
    for table in ("basket_builds", *_COUNTS):
        op.execute(f"DROP TABLE {table}")


def _create(table: str, columns: str) -> None:
    op.execute(f"""
        CREATE TABLE {table} (
            tenant_id BIGINT NOT NULL, store_id BIGINT NOT NULL, {columns},
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table(table)
