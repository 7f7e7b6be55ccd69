"""The first schema, its row-level security, the role that serves requests, and the job queue's tables."""

from __future__ import annotations

from pathlib import Path

from alembic import context, op
from procrastinate.schema import SchemaManager
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APP_ROLE = "xeno_app"
TENANT_TABLES = (
    "stores",
    "products",
    "variants",
    "customers",
    "orders",
    "line_items",
    "shipping_lines",
    "refunds",
    "refund_lines",
    "sales",
    "sync_runs",
    "deliveries",
    "deletions",
)


def upgrade() -> None:
    _run(Path(__file__).with_suffix(".sql").read_text())
    for table in TENANT_TABLES:
        _isolate(table)
    _run(SchemaManager.get_schema())
    _create_role()
    _grant()


def _isolate(table: str) -> None:
    """Rows of one tenant only, for every command and for the owner too; with no tenant set, none.

    After the first transaction of a connection the setting reads '' instead of NULL: hence nullif.
    """
    mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING ({mine}) WITH CHECK ({mine})")


def _create_role() -> None:
    """Roles belong to the whole server: it may be there already, or a database beside us may be making it."""
    _run(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
                CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'The login may not create roles; ask an administrator to run: '
                    'CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO %', current_user;
        END $$
    """)
    # Until PostgreSQL 15, a member of a role could always become it, and there was no word for that alone.
    may_become = "SET" if (op.get_bind().dialect.server_version_info or ()) >= (16,) else "MEMBER"
    if not op.get_bind().scalar(text(f"SELECT pg_has_role(current_user, '{APP_ROLE}', '{may_become}')")):
        op.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")


def _grant() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    op.execute(f"REVOKE ALL ON alembic_version FROM {APP_ROLE}")
    op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    runtime_login = context.config.attributes.get("runtime_login")
    if runtime_login:
        op.execute(text(f"GRANT {APP_ROLE} TO {op.get_bind().dialect.identifier_preparer.quote(runtime_login)}"))


def _run(script: str) -> None:
    """Several statements at once, as the driver sends them when there are no parameters."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)
