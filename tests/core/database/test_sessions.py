"""The way to PostgreSQL: sessions that commit or leave no trace, and a sentence when the server is not there."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import database
from core.config import settings
from core.database import StoreKey, jobs, reading_session, system_session, tenant_session
from core.database.models import Customer, StoreRoute
from core.errors import ConfigError, DatabaseUnavailable
from tests.cast import NOW, Cast

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fresh_settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment may be changed; the process's own engine comes back afterwards."""
    own = database.pools()
    settings.cache_clear()
    database.pools.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    database.pools.cache_clear()
    own.dispose()


def route(domain: str, cast: Cast) -> StoreRoute:
    return StoreRoute(shop_domain=domain, tenant_id=cast.acme.tenant_id, store_id=cast.acme.store_id)


def routes() -> int:
    with system_session() as session:
        return session.scalar(select(func.count()).select_from(StoreRoute)) or 0


@contextmanager
def broken_session(database_url: str) -> Iterator[Session]:
    """A session whose connection has just been cut."""
    with system_session() as session:
        broken = session.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(database_url, autocommit=True) as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", [broken])
        yield session


@contextmanager
def impatient_session() -> Iterator[Session]:
    """A session that gives up waiting at once."""
    with system_session() as session:
        session.execute(text("SET LOCAL statement_timeout = 50"))
        yield session


def test_a_session_that_ends_commits_its_changes(cast: Cast) -> None:
    with system_session() as session:
        session.add(route("new.myshopify.com", cast))

    assert routes() == 3


def test_a_session_that_fails_leaves_nothing_behind(cast: Cast) -> None:
    def fail() -> None:
        with system_session() as session:
            session.add(route("new.myshopify.com", cast))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert routes() == 2


def test_connections_speak_utc_and_give_up_in_time(database_url: str) -> None:
    with system_session() as session:
        shown = {name: session.scalar(text(f"SHOW {name}")) for name in ("timezone", "statement_timeout", "role")}

    assert shown == {"timezone": "UTC", "statement_timeout": "2min", "role": "xeno_app"}


def test_a_fault_of_the_statement_is_not_taken_for_an_outage(cast: Cast) -> None:
    with pytest.raises(IntegrityError), system_session() as session:
        session.add(route(cast.acme.shop_domain, cast))


def test_an_error_does_not_contain_the_values_of_its_statement(cast: Cast) -> None:
    forged = Customer(tenant_id=cast.acme.tenant_id, store_id=0, customer_id=1, email="ada@example.com", source="api")
    forged.updated_at = NOW

    with pytest.raises(IntegrityError) as refused, tenant_session(cast.acme.tenant_id) as session:
        session.add(forged)
    assert "ada@example.com" not in str(refused.value)


def test_a_connection_that_breaks_in_the_middle_is_an_outage_and_the_next_one_works(
    cast: Cast, database_url: str
) -> None:
    with (
        pytest.raises(DatabaseUnavailable, match="does not answer; check that PostgreSQL runs"),
        broken_session(database_url) as session,
    ):
        session.execute(text("SELECT 1"))

    assert routes() == 2


def test_a_job_that_cannot_be_queued_for_an_outage_says_so(cast: Cast, database_url: str) -> None:
    with pytest.raises(DatabaseUnavailable), broken_session(database_url) as session:
        jobs.enqueue(session, jobs.Task.APPLY_DELIVERIES, StoreKey(1, 1))


def test_a_wait_for_a_lock_that_is_too_long_may_be_retried(cast: Cast) -> None:
    with system_session() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(1)"))
        with pytest.raises(DatabaseUnavailable, match="too busy"), impatient_session() as session:
            session.execute(text("SELECT pg_advisory_xact_lock(1)"))


@pytest.mark.parametrize(
    "address",
    ["postgresql://xeno:geheim@127.0.0.1:9/xeno", "postgresql:///xeno?host=/nowhere"],
)
def test_a_server_that_is_not_there_is_an_outage(fresh_settings: pytest.MonkeyPatch, address: str) -> None:
    fresh_settings.setenv("DATABASE_URL", address)

    with pytest.raises(DatabaseUnavailable) as refused:
        database.engine()
    assert "geheim" not in str(refused.value)


def test_a_database_that_is_not_there_is_an_outage(fresh_settings: pytest.MonkeyPatch, database_url: str) -> None:
    nowhere = make_url(database_url).set(database="nowhere").render_as_string(hide_password=False)
    fresh_settings.setenv("DATABASE_URL", nowhere)

    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL is right"):
        database.engine()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("localhost", "is not an address; write postgresql://user:password@host/database"),
        ("mysql://root@localhost/xeno", "must be a PostgreSQL address"),
        ("sqlite:///xeno.db", "must be a PostgreSQL address"),
    ],
)
def test_an_address_that_is_not_postgresqls_is_refused(
    fresh_settings: pytest.MonkeyPatch, address: str, sentence: str
) -> None:
    fresh_settings.setenv("DATABASE_URL", address)

    with pytest.raises(ConfigError, match=sentence):
        database.database_url()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_may_be_spelled_as_platforms_do(fresh_settings: pytest.MonkeyPatch, scheme: str) -> None:
    fresh_settings.setenv("DATABASE_URL", f"{scheme}://xeno:p%40ss@db.example.com/xeno?sslmode=require")

    url = database.database_url()

    assert (url.drivername, url.password, url.query["sslmode"]) == ("postgresql+psycopg", "p@ss", "require")


def test_without_any_database_the_error_says_how_to_get_one(
    fresh_settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh_settings.delenv("DATABASE_URL")
    fresh_settings.setenv("DATA_DIR", str(tmp_path))

    with pytest.raises(ConfigError, match="set DATABASE_URL, or start the embedded one with `make run`"):
        database.database_url()


def test_the_queue_connects_with_the_same_role(database_url: str) -> None:
    conninfo, options = database.driver_conninfo()

    with psycopg.connect(conninfo, **options) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("xeno_app",)


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    query = "SELECT version_num FROM alembic_version"
    with psycopg.connect(database_url) as owner:
        before = owner.execute(query).fetchall()

    database.migrate()

    with psycopg.connect(database_url) as owner:
        assert owner.execute(query).fetchall() == before != []


def test_migrating_leaves_the_process_its_own_logging(database_url: str) -> None:
    before = logging.getLogger().handlers[:]
    database.migrate()

    assert logging.getLogger().handlers == before


def test_the_command_line_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.database", "destroy"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, "usage: python -m core.database migrate | check\n")


def test_questions_are_planned_for_their_own_values_however_often_they_are_asked(cast: Cast) -> None:
    query = text("SELECT count(*) FROM customers WHERE tenant_id = :tenant_id")
    with reading_session(cast.acme.tenant_id) as session:
        for _ in range(8):
            session.execute(query, {"tenant_id": cast.acme.tenant_id})
        general = session.scalar(text("SELECT coalesce(sum(generic_plans), 0) FROM pg_prepared_statements"))
    assert general == 0
