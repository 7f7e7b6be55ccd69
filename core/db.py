"""The way to PostgreSQL: one engine a process, and sessions that belong to one tenant. The only place that sets it.

Row-level security decides what a session may see; its policies compare with `app.tenant_id`, which is set for each
transaction anew, so nothing stays on a pooled connection, and with no tenant set there are no rows. Policies do not
bind superusers, BYPASSRLS roles and owners: where the login of DATABASE_URL is one, every connection steps down to
the role `xeno_app`, and a process that could still read across tenants refuses to start.

`python -m core.db migrate` brings the schema to head; `python -m core.db check` says whether a process may start.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, SessionTransaction

from core import embedded, logins, sqlstates
from core.config import settings
from core.errors import ConfigError, DatabaseUnavailable, XenoError
from core.logins import APP_ROLE

MOST_EXPORTS = 12
"""Files that one process streams at once."""

Statement = tuple[LiteralString, Mapping[str, Any]]
"""What is to be run, with psycopg's placeholders, and their values."""


@contextmanager
def tenant_session(tenant_id: int) -> Iterator[Session]:
    """A session that sees and writes rows of this tenant only; commits at the end, rolls back on an error.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _session({"tenant_id": int(tenant_id)}) as session:
        yield session


@contextmanager
def export_session(tenant_id: int) -> Iterator[Session]:
    """As `tenant_session`, for a file that a browser reads as slowly as it likes: over `MOST_EXPORTS` connections of
    their own, so that pages never wait for one.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer, or all of these connections are in use.
    """
    with _session({"tenant_id": int(tenant_id)}, _export_engine(engine())) as session:
        yield session


@contextmanager
def system_session() -> Iterator[Session]:
    """A session of no tenant: sees the narrow tables of sign-in and store routes only; else as `tenant_session`."""
    with _session({}) as session:
        yield session


def at_once(tenant_id: int | None, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    """Run a few short statements as one transaction in one journey to the server; the rows that each returned.

    For whoever must answer at once; else as `tenant_session` (`system_session` where there is no tenant). They have
    to bear being run twice: whether a connection still holds is not asked, it is replaced where it does not.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer, or not within seconds.
    """
    quick = _quick_engine(engine())
    with _answering():
        try:
            return _send(quick, tenant_id, statements)
        except psycopg.OperationalError as error:
            if not sqlstates.is_lost(error):
                raise
            quick.dispose()
            return _send(quick, tenant_id, statements)


@cache
def engine() -> Engine:
    """The process's engine, made on first use and checked to be unable to read across tenants.

    Raises:
        ConfigError: the address is malformed, the schema is not there, or the role has too much power.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    url = database_url()
    made = _make_engine(url, role=APP_ROLE if _must_step_down(url) else None)
    try:
        _refuse_power(made)
    except XenoError:
        made.dispose()
        raise
    return made


def database_url(role: str = embedded.LOGIN) -> URL:
    """Where the database is: DATABASE_URL, else the embedded server that runs over DATA_DIR, for this role of it."""
    configured = settings().database_url
    address = configured.get_secret_value() if configured else embedded.running_url(settings().data_dir, role)
    if address is None:
        raise ConfigError("No database: set DATABASE_URL, or start the embedded one with `make run`")
    return _psycopg_url(address)


def driver_conninfo() -> tuple[str, dict[str, Any]]:
    """The same way in for a library that speaks to psycopg itself: (conninfo, keyword arguments)."""
    url = engine().url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False), _connect_args(engine().dialect_role)  # type: ignore[attr-defined]


def migrate() -> None:
    """Bring the schema to head. Safe beside another process doing the same: an advisory lock makes one wait.

    Raises:
        ConfigError: the login lacks the right to; the message has the database's words.
        DatabaseUnavailable: PostgreSQL does not answer, or others hold the tables for too long.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    owner = settings().migration_database_url
    url = _psycopg_url(owner.get_secret_value()) if owner else database_url(embedded.OWNER)
    made = _make_engine(url, role=None)
    config.attributes["engine"] = made
    config.attributes["runtime_login"] = database_url().username if owner else None
    try:
        with _answering():
            command.upgrade(config, "head")
    except (ProgrammingError, psycopg.Error) as error:
        refused = error.orig if isinstance(error, ProgrammingError) else error
        raise ConfigError(f"The database refuses to be migrated: {refused}") from error
    finally:
        made.dispose()


@event.listens_for(Session, "after_begin")
def _enter_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None:
        connection.exec_driver_sql(_entering(tenant_id))


def _entering(tenant_id: int) -> str:
    # A literal in SET LOCAL, not set_config(): a distributed PostgreSQL passes only the former on to its nodes.
    return f"SET LOCAL app.tenant_id = '{int(tenant_id)}'"


def _send(quick: Engine, tenant_id: int | None, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    pooled = quick.raw_connection()
    try:
        connection: psycopg.Connection[TupleRow] = pooled.driver_connection  # type: ignore[assignment]
        # What is sent before a pipeline's end is one transaction: BEGIN and COMMIT would be messages of their own.
        with connection.pipeline():
            if tenant_id is not None:
                connection.execute(
                    "SELECT set_config('app.tenant_id', %s, true)", [str(int(tenant_id))], prepare=True
                )
            cursors = [connection.execute(query, values, prepare=True) for query, values in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except BaseException:
        # Whatever it was in the middle of: nobody else goes on there.
        pooled.invalidate()
        raise
    finally:
        pooled.close()


@contextmanager
def _session(info: dict[str, Any], over: Engine | None = None) -> Iterator[Session]:
    with _answering(), Session(over or engine(), info=info, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def _answering() -> Iterator[None]:
    """Turns a server that is away, or too busy, into our error; a fault of the statement's own passes through."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("All database connections are in use; try again in a minute") from error
    except (OperationalError, psycopg.OperationalError) as error:
        if sqlstates.is_beyond_limits(error):
            raise
        if sqlstates.is_busy(error):
            raise DatabaseUnavailable("The database is too busy to answer in time; try again in a minute") from error
        raise DatabaseUnavailable(
            "The database does not answer; check that PostgreSQL runs and that DATABASE_URL is right"
        ) from error


def _psycopg_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigError("DATABASE_URL is not an address; write postgresql://user:password@host/database") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError("DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/database")
    return url.set(drivername="postgresql+psycopg")


@cache
def _quick_engine(like: Engine) -> Engine:
    """A pool of its own for `at_once`, which nothing slow ever holds: in seconds there is an answer or a refusal."""
    settings_of_connections = "-c statement_timeout=4s -c plan_cache_mode=force_generic_plan"
    return _make_engine(
        like.url,
        like.dialect_role,  # type: ignore[attr-defined]
        settings_of_connections,
        pool_size=16,
        max_overflow=0,
        pool_timeout=3,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",  # the driver's own BEGIN and COMMIT would be journeys of their own
    )


@cache
def _export_engine(like: Engine) -> Engine:
    return _make_engine(
        like.url,
        like.dialect_role,  # type: ignore[attr-defined]
        # Of PostgreSQL's own work: it does not count while the browser keeps it waiting.
        "-c statement_timeout=300s",
        pool_size=MOST_EXPORTS,
        max_overflow=0,
        pool_timeout=3,
    )


def _make_engine(url: URL, role: str | None, options: str = "", **pool: Any) -> Engine:
    made = create_engine(
        url,
        **{"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True, "pool_recycle": 1800} | pool,
        connect_args=_connect_args(role, options),
        # An error ends up in the log; what was to be written (people's addresses, sealed credentials) does not.
        hide_parameters=True,
    )
    made.dialect_role = role  # type: ignore[attr-defined]
    return made


def _connect_args(role: str | None, more: str = "") -> dict[str, Any]:
    # No JIT: its compiling costs more than it saves on statements of a few hundred milliseconds.
    options = "-c timezone=UTC -c jit=off -c statement_timeout=120s -c idle_in_transaction_session_timeout=300s"
    options = f"{options} {more}".strip()
    # Given at connect, the role is what the connection starts and resets to: no window as the stronger one.
    return {"connect_timeout": 10, "options": f"{options} -c role={role}" if role else options}


def _must_step_down(url: URL) -> bool:
    probe = _make_engine(url, role=None)
    try:
        with _answering(), probe.connect() as connection:
            return logins.must_step_down(connection)
    finally:
        probe.dispose()


def _refuse_power(made: Engine) -> None:
    """The proof, on a connection as the process will use it."""
    with _answering(), made.connect() as connection:
        logins.refuse_power(connection)


def _main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["migrate"]:
                migrate()
            case ["check"]:
                engine()
            case _:
                print("usage: python -m core.db migrate | check", file=sys.stderr)
                return 2
    except (ConfigError, DatabaseUnavailable) as error:
        print(f"{str(error).rstrip('.')}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
