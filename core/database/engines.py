"""The process's connections to PostgreSQL: one engine, and pools of their own for quick statements and for exports.

Row-level security binds neither superusers, BYPASSRLS roles nor owners. Where the login of DATABASE_URL is one, every
connection steps down to the role `xeno_app`; a process that could still read across tenants refuses to start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.config import settings
from core.database import logins, sqlstates
from core.database.logins import APP_ROLE, LOGIN, OWNER
from core.errors import ConfigError, DatabaseUnavailable, XenoError

MOST_EXPORTS = 12
"""Files that one process streams at once."""


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


@cache
def quick_engine(like: Engine) -> Engine:
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
def export_engine(like: Engine) -> Engine:
    return _make_engine(
        like.url,
        like.dialect_role,  # type: ignore[attr-defined]
        # Of PostgreSQL's own work: it does not count while the browser keeps it waiting.
        "-c statement_timeout=300s",
        pool_size=MOST_EXPORTS,
        max_overflow=0,
        pool_timeout=3,
    )


def owner_engine() -> Engine:
    """An engine of the schema's owner: MIGRATION_DATABASE_URL, else the owner of the embedded server."""
    owner = settings().migration_database_url
    url = _psycopg_url(owner.get_secret_value()) if owner else database_url(OWNER)
    return _make_engine(url, role=None)


def database_url(role: str = LOGIN) -> URL:
    """Where the database is: DATABASE_URL, else the embedded server that runs over DATA_DIR, for this role of it."""
    configured = settings().database_url
    address = configured.get_secret_value() if configured else _embedded_url(role)
    if address is None:
        raise ConfigError("No database: set DATABASE_URL, or start the embedded one with `make run`")
    return _psycopg_url(address)


def _embedded_url(role: str) -> str | None:
    try:
        # Here, because a server is installed without the demo's packages, which start the embedded PostgreSQL.
        from core.database import embedded
    except ImportError:
        return None
    return embedded.running_url(settings().data_dir, role)


def driver_conninfo() -> tuple[str, dict[str, Any]]:
    """The same way in for a library that speaks to psycopg itself: (conninfo, keyword arguments)."""
    url = engine().url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False), _connect_args(engine().dialect_role)  # type: ignore[attr-defined]


@contextmanager
def answering() -> Iterator[None]:
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
        with answering(), probe.connect() as connection:
            return logins.must_step_down(connection)
    finally:
        probe.dispose()


def _refuse_power(made: Engine) -> None:
    """The proof, on a connection as the process will use it."""
    with answering(), made.connect() as connection:
        logins.refuse_power(connection)
