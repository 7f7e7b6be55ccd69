"""The unit costs that variants had before they changed, so that a sale keeps the cost that it had."""

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_COLUMNS = "tenant_id, store_id, variant_id, until, unit_cost, currency"
_FORMER = "o.tenant_id, o.store_id, o.variant_id, now(), o.unit_cost, o.currency"
_CHANGED = """
    JOIN new_rows n ON n.tenant_id = o.tenant_id AND n.store_id = o.store_id AND n.variant_id = o.variant_id
    WHERE (o.unit_cost, o.currency) IS DISTINCT FROM (n.unit_cost, n.currency)"""
_DELETED = """
    JOIN stores s ON s.tenant_id = o.tenant_id AND s.store_id = o.store_id
    WHERE o.unit_cost IS NOT NULL"""
_EVENTS = {
    "update": ("OLD TABLE AS old_rows NEW TABLE AS new_rows", _CHANGED),
    "delete": ("OLD TABLE AS old_rows", _DELETED),
}
"""By event: the rows that its trigger sees, and those whose cost it keeps. A deleted store keeps none."""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE former_unit_costs (
            tenant_id bigint NOT NULL,
            store_id bigint NOT NULL,
            variant_id bigint NOT NULL,
            until timestamptz NOT NULL,
            unit_cost numeric,
            currency text NOT NULL,
            CONSTRAINT pk_former_unit_costs PRIMARY KEY (tenant_id, store_id, variant_id, until),
            CONSTRAINT fk_former_unit_costs_stores FOREIGN KEY (tenant_id, store_id)
                REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    protect_table("former_unit_costs")
    for event, (rows, kept) in _EVENTS.items():
        function = f"keep_former_cost_on_{event}"
        op.execute(f"""
            CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO former_unit_costs ({_COLUMNS}) SELECT {_FORMER} FROM old_rows o {kept}
                ON CONFLICT (tenant_id, store_id, variant_id, until) DO NOTHING;
                RETURN NULL;
            END $$
        """)  # noqa: S608
        op.execute(f"""
            CREATE TRIGGER {function} AFTER {event.upper()} ON variants REFERENCING {rows}
            FOR EACH STATEMENT EXECUTE FUNCTION {function}()
        """)


def downgrade() -> None:
    for event in _EVENTS:
        op.execute(f"DROP FUNCTION keep_former_cost_on_{event}() CASCADE")
    op.execute("DROP TABLE former_unit_costs")
