"""The planner learns that a store has one tenant, for all tables whose rows have both.

It took both conditions for independent: of ten million orders it expected a tenth of the rows of a store with a tenth
of them. The list of stock then joined its products row by row: 350 ms instead of 34.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from core.database.migrations.key_statistics import create_key_statistics

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

_TABLES = text("""
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute tenant ON tenant.attrelid = c.oid AND tenant.attname = 'tenant_id'
    JOIN pg_attribute store ON store.attrelid = c.oid AND store.attname = 'store_id'
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    ORDER BY 1
""")


def upgrade() -> None:
    for table in op.get_bind().scalars(_TABLES).all():
        create_key_statistics(table)
        op.execute(f"ANALYZE {table}")


def downgrade() -> None:
    for table in op.get_bind().scalars(_TABLES).all():
        op.execute(f"DROP STATISTICS {table}_store")
