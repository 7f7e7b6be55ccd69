"""Texts that people search by, in lower case and in the order of characters, with an index each.

PostgreSQL derives them, so a redaction of the name or the address clears them, too. They are cut, because an entry of
an index has a limit.
"""

from __future__ import annotations

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_LONGEST = 120
_TEXTS = {
    "orders": {"name_norm": "ltrim(name, '#')", "email_norm": "email"},
    "customers": {
        "email_norm": "email",
        "name_norm": "coalesce(first_name || ' ' || last_name, first_name, last_name)",
        "last_name_norm": "last_name",
    },
}


def upgrade() -> None:
    for table, texts in _TEXTS.items():
        # One statement a table: each rewrites it.
        columns = [
            f'ADD {name} text COLLATE "C" GENERATED ALWAYS AS ("left"(lower({text}), {_LONGEST})) STORED'
            for name, text in texts.items()
        ]
        op.execute(f"ALTER TABLE {table} {', '.join(columns)}")
        for name in texts:
            op.execute(f"CREATE INDEX ix_{table}_{name} ON {table} (tenant_id, store_id, {name})")


def downgrade() -> None:
    for table, texts in _TEXTS.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'DROP {name}' for name in texts)}")
