"""When a row of the ledger became known, and the rows that were replaced or removed; triggers keep both.

A write of the ledger has one instant, `ledger_time()`: the replaced rows end when their replacements begin. Changes
of a store are kept from the end of its first load on.
"""

# ruff: noqa: S608  # The names are of this file; no value comes from outside.

from __future__ import annotations

from alembic import op

from core.database.migrations.policies import protect_table

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_CONTENT = "business_date, reason, action, line_type, quantity, net, discount, tax, currency"
"""The columns of a row whose change is one: the others are about the same money on the same day."""
_SALE = f"tenant_id, store_id, order_id, sale_no, happened_at, line_item_id, product_id, variant_id, {_CONTENT}"
_ORDER = "tenant_id, store_id, order_id, processed_at, business_date, currency"
_COUNTED = "NOT {0}.test AND {0}.deleted_at IS NULL"
_KEPT = """EXISTS (
                SELECT FROM stores s WHERE s.tenant_id = {0}.tenant_id AND s.store_id = {0}.store_id
                AND s.changes_kept_since IS NOT NULL)"""
"""Whether the store of a row keeps changes. A store that is being deleted keeps none."""
_LATE = {"sales": "happened_at", "orders": "processed_at"}
"""The instant of a row, by its table. Few rows become known over an hour later, so an index has those only."""


def upgrade() -> None:
    op.execute("ALTER TABLE stores ADD COLUMN changes_kept_since timestamptz")
    op.execute("ALTER TABLE stores NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE stores SET changes_kept_since = clock_timestamp() WHERE complete_until IS NOT NULL")
    op.execute("ALTER TABLE stores FORCE ROW LEVEL SECURITY")
    # A clock, not the transaction's begin: transactions of a store begin in another order than they get its lock.
    op.execute("""
        CREATE FUNCTION ledger_time() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
            SELECT CASE WHEN current_setting('xeno.ledger', true) = 'loading' THEN NULL ELSE coalesce(
                nullif(current_setting('xeno.written_at', true), '')::timestamptz,
                set_config('xeno.written_at', clock_timestamp()::text, true)::timestamptz) END
        $$
    """)
    _create_tables()
    for table, instant in _LATE.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN known_at timestamptz")
        # In a statement of its own: stored rows keep NULL, and the table is not rewritten.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN known_at SET DEFAULT ledger_time()")
        op.execute(f"""
            CREATE INDEX ix_{table}_late ON {table} (tenant_id, store_id, business_date, known_at)
            WHERE known_at - {instant} > interval '1 hour'
        """)
    _create_triggers()


def downgrade() -> None:
    for function in ("keep_removed_sales", "keep_replaced_sale", "keep_former_order"):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    for table in _LATE:
        op.execute(f"ALTER TABLE {table} DROP COLUMN known_at")
    for table in ("former_sales", "former_orders"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION ledger_time()")
    op.execute("ALTER TABLE stores DROP COLUMN changes_kept_since")


def _create_tables() -> None:
    op.execute("""
        CREATE TABLE former_sales (
            tenant_id bigint NOT NULL,
            store_id bigint NOT NULL,
            order_id bigint NOT NULL,
            sale_no smallint NOT NULL,
            until timestamptz NOT NULL,
            known_at timestamptz,
            happened_at timestamptz NOT NULL,
            business_date date NOT NULL,
            reason text NOT NULL,
            action text NOT NULL,
            line_type text NOT NULL,
            line_item_id bigint,
            product_id bigint,
            variant_id bigint,
            quantity bigint NOT NULL,
            net numeric NOT NULL,
            discount numeric NOT NULL,
            tax numeric NOT NULL,
            currency text NOT NULL,
            PRIMARY KEY (tenant_id, store_id, order_id, until, sale_no),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    op.execute("""
        CREATE TABLE former_orders (
            tenant_id bigint NOT NULL,
            store_id bigint NOT NULL,
            order_id bigint NOT NULL,
            until timestamptz NOT NULL,
            known_at timestamptz,
            processed_at timestamptz NOT NULL,
            business_date date NOT NULL,
            currency text NOT NULL,
            PRIMARY KEY (tenant_id, store_id, order_id, until),
            FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, store_id) ON DELETE CASCADE
        )
    """)
    for table in ("former_sales", "former_orders"):
        op.execute(f"""
            CREATE INDEX ix_{table}_business_date ON {table} (tenant_id, store_id, business_date, until)
        """)
        protect_table(table)


def _create_triggers() -> None:
    op.execute(f"""
        CREATE FUNCTION keep_removed_sales() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            at timestamptz := ledger_time();
        BEGIN
            INSERT INTO former_sales ({_SALE}, known_at, until)
            SELECT {_prefixed("r", _SALE)}, r.known_at, at FROM old_rows r
            WHERE (r.known_at IS NULL OR r.known_at < at) AND {_KEPT.format("r")}
            ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER keep_removed_sales AFTER DELETE ON sales REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION keep_removed_sales()
    """)
    # By row, because it sets `known_at`. It is not called for a row whose content stays.
    _create_row_trigger(
        *(
            "keep_replaced_sale",
            "sales",
            f"({_prefixed('OLD', _CONTENT)}) IS DISTINCT FROM ({_prefixed('NEW', _CONTENT)})",
        ),
        *("former_sales", _SALE, "true"),
    )
    placed = ", ".join(f"{{0}}.{name}" for name in ("business_date", "currency"))
    placed = f"({_COUNTED}, {placed})"
    _create_row_trigger(
        *("keep_former_order", "orders", f"{placed.format('OLD')} IS DISTINCT FROM {placed.format('NEW')}"),
        *("former_orders", _ORDER, _COUNTED.format("OLD")),
    )


def _create_row_trigger(name: str, table: str, condition: str, former: str, columns: str, is_kept: str) -> None:
    """Keep the old version of a row where it has changed, and date the new one."""
    op.execute(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            at timestamptz := ledger_time();
        BEGIN
            IF NOT {_KEPT.format("OLD")} THEN
                RETURN NEW;
            END IF;
            IF ({is_kept}) AND (OLD.known_at IS NULL OR OLD.known_at < at) THEN
                INSERT INTO {former} ({columns}, known_at, until)
                VALUES ({_prefixed("OLD", columns)}, OLD.known_at, at) ON CONFLICT DO NOTHING;
            END IF;
            NEW.known_at := at;
            RETURN NEW;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()
    """)


def _prefixed(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{name}" for name in columns.split(", "))
