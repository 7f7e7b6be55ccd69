"""Entities that Shopify refuses to list, apart from the fields that it withholds."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE stores RENAME COLUMN denied_fields TO withheld_fields")
    op.execute("ALTER TABLE stores ADD COLUMN refused_entities TEXT[] DEFAULT '{}' NOT NULL")
    # The policies bind the table's owner, too, who need not be a superuser. Other sessions wait meanwhile.
    op.execute("ALTER TABLE stores NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE stores
        SET refused_entities = ARRAY(
                SELECT f FROM unnest(withheld_fields) f WHERE f IN ('checkouts', 'inventory', 'locations')
            ),
            withheld_fields = ARRAY(
                SELECT f FROM unnest(withheld_fields) f WHERE f NOT IN ('checkouts', 'inventory', 'locations')
            )
        WHERE withheld_fields && '{checkouts,inventory,locations}'
    """)
    op.execute("ALTER TABLE stores FORCE ROW LEVEL SECURITY")
