"""The migrated database is what the models say, keeps tenants apart by itself, and can be migrated beside others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from psycopg.rows import dict_row
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from core.database.migrations.policies import protect_table
from core.database.models import Base
from core.database.models.base import OUTSIDE_POLICIES

ROOT = Path(__file__).parents[1]
TENANT_TABLES = sorted(set(Base.metadata.tables) - OUTSIDE_POLICIES)
NARROW = OUTSIDE_POLICIES - {"memberships"}
"""Read before a tenant is known, so their keys do not begin with one; memberships' do."""
MONEY = {
    *("subtotal", "discounts", "tax", "shipping", "tip", "total", "current_total", "presentment_total", "unit_price"),
    *("discount", "price", "compare_at_price", "unit_cost", "amount_spent", "refunded", "net"),
    *("refunds_undated", "our_total", "their_total", "duties", "fees"),
}


def ask(database_url: str, query: str, *parameters: Any) -> list[dict[str, Any]]:
    with psycopg.connect(database_url, row_factory=dict_row) as owner:
        return owner.execute(query, parameters or None).fetchall()


def test_the_models_say_what_the_migrations_made(database_url: str) -> None:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or name in Base.metadata.tables}
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, **ours}
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert differences == []


def test_row_level_security_is_on_for_every_table_of_a_tenant_and_binds_its_owner(database_url: str) -> None:
    found = ask(
        database_url,
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind IN ('r', 'p') "
        "AND relnamespace = 'public'::regnamespace AND relname !~ '^(procrastinate|alembic)'",
    )

    protected = {row["relname"] for row in found if row["relrowsecurity"] and row["relforcerowsecurity"]}
    assert sorted(protected) == TENANT_TABLES
    assert {row["relname"] for row in found} - protected == OUTSIDE_POLICIES


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_policy_holds_for_every_command_on_what_is_read_and_on_what_is_written(
    database_url: str, table: str
) -> None:
    (policy,) = ask(database_url, "SELECT * FROM pg_policies WHERE tablename = %s", table)

    assert (policy["cmd"], policy["permissive"], policy["roles"]) == ("ALL", "PERMISSIVE", ["public"])
    for condition in (policy["qual"], policy["with_check"]):
        assert condition == "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)"


@pytest.fixture
def owner(database_url: str) -> Iterator[Connection]:
    """The owner's connection as a migration has it; what it changes is rolled back."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection, Operations.context(MigrationContext.configure(connection)):
        yield connection
        connection.rollback()
    engine.dispose()


def test_a_new_table_of_a_tenant_shows_each_tenant_its_own_rows_and_binds_its_owner(owner: Connection) -> None:
    owner.execute(text("CREATE TABLE notes (tenant_id BIGINT PRIMARY KEY)"))
    protect_table("notes")
    security = owner.execute(text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'notes'"))
    owner.execute(text("INSERT INTO notes VALUES (1), (2)"))

    def read_as(tenant_id: str) -> list[int]:
        owner.execute(text(f"SET LOCAL app.tenant_id = '{tenant_id}'"))
        return list(owner.scalars(text("SELECT tenant_id FROM notes")))

    assert security.one() == (True, True)
    owner.execute(text("SET LOCAL ROLE xeno_app"))
    assert [read_as(tenant_id) for tenant_id in ("1", "2", "")] == [[1], [2], []]
    with pytest.raises(ProgrammingError, match="violates row-level security"):
        owner.execute(text("INSERT INTO notes VALUES (3)"))


def test_the_planner_knows_for_every_table_of_stores_that_a_store_has_one_tenant(database_url: str) -> None:
    described = ask(
        database_url, "SELECT stxrelid::regclass::text AS name FROM pg_statistic_ext WHERE 'f' = ANY (stxkind)"
    )
    tables = {
        name for name, table in Base.metadata.tables.items() if {"tenant_id", "store_id"} <= set(table.columns.keys())
    }
    assert {row["name"] for row in described} == tables


def test_new_migrations_protect_their_tables_by_the_one_helper() -> None:
    migrations = (ROOT / "core" / "database" / "migrations" / "versions").glob("0*.py")

    assert [path.name for path in migrations if path.name > "0028" and "CREATE POLICY" in path.read_text()] == []


@pytest.mark.parametrize("table", sorted(set(Base.metadata.tables) - NARROW))
def test_every_key_of_a_tenants_table_begins_with_the_tenant(database_url: str, table: str) -> None:
    """So that the tables can be spread over servers by tenant one day."""
    keys = ask(
        database_url,
        "SELECT i.relname AS name, a.attname AS first FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0] "
        "WHERE x.indrelid = %s::regclass AND x.indisunique",
        table,
    )
    references = ask(
        database_url,
        "SELECT c.conname AS name, a.attname AS first, c.confrelid::regclass::text AS refers FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.contype = 'f' AND c.conrelid = %s::regclass",
        table,
    )

    assert keys
    strays = [row for row in (*keys, *references) if row["first"] != "tenant_id" and row.get("refers") != "users"]
    assert strays == []


def columns(database_url: str) -> list[dict[str, Any]]:
    found = ask(
        database_url,
        "SELECT table_name, column_name, data_type, numeric_precision, numeric_scale FROM information_schema.columns "
        "WHERE table_schema = 'public'",
    )
    return [row for row in found if row["table_name"] in Base.metadata.tables]


def test_money_is_exact(database_url: str) -> None:
    money = [row for row in columns(database_url) if row["column_name"] in MONEY]

    assert {row["data_type"] for row in money} == {"numeric"}
    assert {row["numeric_scale"] for row in money} == {None}, "currencies have 0 to 3 decimals"
    assert {row["column_name"] for row in money} == MONEY


def test_nothing_is_a_float(database_url: str) -> None:
    assert [row for row in columns(database_url) if row["data_type"] in ("real", "double precision")] == []


def test_money_stands_beside_its_currency(database_url: str) -> None:
    with_money = {row["table_name"] for row in columns(database_url) if row["column_name"] in MONEY}
    with_currency = {row["table_name"] for row in columns(database_url) if row["column_name"] == "currency"}

    assert with_money <= with_currency


def test_every_time_knows_its_zone(database_url: str) -> None:
    times = [row for row in columns(database_url) if row["column_name"].endswith(("_at", "_until", "since", "until"))]

    assert {row["data_type"] for row in times} == {"timestamp with time zone"}
    assert [row for row in columns(database_url) if row["data_type"] == "timestamp without time zone"] == []


def test_shopifys_numbers_fit(database_url: str) -> None:
    numbers = [row for row in columns(database_url) if row["column_name"].endswith("_id")]
    texts = {
        *(("deliveries", "webhook_id"), ("deliveries", "event_id"), ("privacy_requests", "webhook_id")),
        *(
            ("backfill_slices", "operation_id"),
            ("improvements", "operation_id"),
            ("pending_connections", "client_id"),
        ),
    }
    assert {row["data_type"] for row in numbers if (row["table_name"], row["column_name"]) not in texts} == {"bigint"}


def test_no_extension_is_needed(database_url: str) -> None:
    assert [row["extname"] for row in ask(database_url, "SELECT extname FROM pg_extension")] == ["plpgsql"]


def test_the_role_that_serves_requests_has_no_power(database_url: str) -> None:
    (role,) = ask(database_url, "SELECT * FROM pg_roles WHERE rolname = 'xeno_app'")
    owned = ask(database_url, "SELECT relname FROM pg_class WHERE relowner = 'xeno_app'::regrole")
    versions = ask(database_url, "SELECT has_table_privilege('xeno_app', 'alembic_version', 'SELECT') AS may")

    powers = ("rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole", "rolcanlogin", "rolreplication")
    assert [name for name in powers if role[name]] == []
    assert owned == []
    assert versions == [{"may": False}]


@pytest.fixture
def empty_database(database_url: str) -> Iterator[str]:
    """Beside this run's own, a database that nobody migrated."""
    name = f"xeno_test_{uuid4().hex[:8]}_empty"
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start(command: str, url: str, **settings: str) -> subprocess.Popen[str]:
    """One of the operator's commands on a database, as a process."""
    env = {"DATABASE_URL": url, "SECRET_KEY": "k" * 32, "PATH": "", "HOME": "/nowhere", **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "core.database", command], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def test_two_migrations_at_once_are_one_after_the_other(empty_database: str) -> None:
    both = [start("migrate", empty_database) for _ in range(2)]

    assert [said(each) for each in both] == [(0, ""), (0, "")]
    newest = ScriptDirectory(str(ROOT / "core" / "database" / "migrations")).get_current_head()
    assert ask(empty_database, "SELECT version_num FROM alembic_version") == [{"version_num": newest}]


def test_a_database_without_a_schema_says_what_to_run(empty_database: str) -> None:
    assert said(start("check", empty_database)) == (
        1,
        "The database has no schema yet; run `python -m core.database migrate`.\n",
    )


def test_a_login_that_may_not_migrate_gets_the_databases_own_error(empty_database: str) -> None:
    name = f"weak_{uuid4().hex[:8]}"
    weak = make_url(empty_database).set(username=name, password="weak").render_as_string(hide_password=False)
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'weak'")
        try:
            code, sentence = said(start("migrate", weak))
        finally:
            owner.execute(f"DROP ROLE {name}")

    assert code == 1
    assert sentence.startswith("The database refuses to be migrated: ")
    assert "permission denied for schema public" in sentence
    assert "Traceback" not in sentence


def test_an_owner_may_migrate_for_a_login_that_only_serves(empty_database: str) -> None:
    """MIGRATION_DATABASE_URL owns the tables; DATABASE_URL is granted the role that serves, and nothing else."""
    name = f"serves_{uuid4().hex[:8]}"
    serving = make_url(empty_database).set(username=name, password="serves").render_as_string(hide_password=False)
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'serves'")
        try:
            assert said(start("migrate", serving, MIGRATION_DATABASE_URL=empty_database)) == (0, "")
            assert said(start("check", serving)) == (0, "")
        finally:
            owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
