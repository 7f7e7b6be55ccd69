"""Triggers on changed rows end at once where a statement changed none.

An INSERT with ON CONFLICT calls the triggers of both events, whichever of them its rows met.
"""

from __future__ import annotations

import re

from alembic import op
from sqlalchemy import text

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

_FUNCTIONS = text("""
    SELECT DISTINCT pg_get_functiondef(tgfoid), coalesce(tgnewtable, tgoldtable)
    FROM pg_trigger WHERE tgnewtable IS NOT NULL OR tgoldtable IS NOT NULL
""")
_END = "IF NOT EXISTS (SELECT FROM {rows}) THEN RETURN NULL; END IF;"


def upgrade() -> None:
    for definition, rows in op.get_bind().execute(_FUNCTIONS).all():
        ended = re.sub(r"\bBEGIN\b", f"BEGIN {_END.format(rows=rows)}", definition, count=1)
        op.get_bind().exec_driver_sql(ended)


def downgrade() -> None:
    """Leave the functions: they do the same."""
