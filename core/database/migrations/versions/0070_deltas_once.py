"""Triggers that take rows from kept sums add these rows up once.

They had it in a subquery, which the planner ran again for each row of sums of a table that it took for small: 300 ms
for a page of changed orders instead of 3.
"""

from __future__ import annotations

import re

from alembic import op
from sqlalchemy import text

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

_FUNCTIONS = text("""
    SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE prosrc LIKE '%) deltas WHERE %' OR prosrc LIKE '%USING (SELECT DISTINCT %) touched%'
""")
"""Those that `kept_sums` made before."""
_TAKE = re.compile(r"(UPDATE \w+ AS kept SET [^;]*?)FROM \((SELECT[^;]*?)\) deltas WHERE ")
_PRUNE = re.compile(r"(DELETE FROM \w+ AS kept\s+)USING \((SELECT DISTINCT [^;]*?)\) touched\s+WHERE ")


def upgrade() -> None:
    for definition in op.get_bind().execute(_FUNCTIONS).scalars().all():
        summed = _TAKE.sub(r"WITH deltas AS MATERIALIZED (\2) \1FROM deltas WHERE ", definition)
        op.get_bind().exec_driver_sql(_PRUNE.sub(r"WITH touched AS MATERIALIZED (\2) \1USING touched WHERE ", summed))


def downgrade() -> None:
    """Leave the functions: they do the same."""
