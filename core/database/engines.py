"""The process's connections to PostgreSQL: one general pool, one for quick statements and one for exports.

Row-level security binds neither superusers, BYPASSRLS roles nor owners. Where the login of DATABASE_URL is one, every
connection steps down to the role `xeno_app`. A process that could still read across tenants refuses to start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.config import settings
from core.database import logins, sqlstates
from core.database.logins import LOGIN, OWNER
from core.errors import ConfigError, DatabaseUnavailable, XenoError

MOST_EXPORTS = 12
"""The number of files that one process streams at the same time."""


@dataclass(frozen=True, slots=True)
class Pools:
    """The process's pools of connections, all with the same login and role. A pool connects when it is first used."""

    role: str | None
    """The role that connections step down to; None where the login itself has no power over tenants."""
    general: Engine
    quick: Engine
    """For `run_at_once`: nothing slow ever holds one of its connections, so it answers or refuses within seconds."""
    exports: Engine
    """For `export_session`, so that files which a browser reads slowly take no connection from the pages."""

    def dispose(self) -> None:
        """Close the connections that are not in use."""
        for pool in (self.general, self.quick, self.exports):
            pool.dispose()


@cache
def pools() -> Pools:
    """Return the process's pools, made on first use, after a check that they cannot read across tenants.

    Raises:
        ConfigError: the address is malformed, the schema is missing, or the role has too much power.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    url = database_url()
    role = _choose_role(url)
    general = _make_engine(url, role)
    try:
        _refuse_power(general)
    except XenoError:
        general.dispose()
        raise
    return Pools(role, general, _make_quick_engine(url, role), _make_export_engine(url, role))


def engine() -> Engine:
    """Return the general engine of `pools`. Raises as `pools`."""
    return pools().general


def owner_engine() -> Engine:
    """Make an engine for the schema's owner: MIGRATION_DATABASE_URL, else the owner of the embedded server."""
    owner = settings().migration_database_url
    url = _psycopg_url(owner.get_secret_value()) if owner else database_url(OWNER)
    return _make_engine(url, role=None)


def database_url(role: str = LOGIN) -> URL:
    """Return the database's address: DATABASE_URL, else `role` of the embedded server that runs over DATA_DIR.

    Raises:
        ConfigError: neither is there, or DATABASE_URL is malformed.
    """
    configured = settings().database_url
    address = configured.get_secret_value() if configured else _embedded_url(role)
    if address is None:
        raise ConfigError("No database: set DATABASE_URL, or start the embedded one with `make run`.")
    return _psycopg_url(address)


def _embedded_url(role: str) -> str | None:
    try:
        # Here, because a server is installed without the demo's packages, which start the embedded PostgreSQL.
        from core.database import embedded
    except ImportError:
        return None
    return embedded.running_url(settings().data_dir, role)


def driver_conninfo() -> tuple[str, dict[str, Any]]:
    """Return (conninfo, keyword arguments) for a library that opens psycopg's connections itself."""
    url = engine().url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False), _connect_args(pools().role)


@contextmanager
def raising_unavailable() -> Iterator[None]:
    """Raise DatabaseUnavailable when the server is away or too busy. The statement's own errors pass through."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("All database connections are in use; try again in a minute.") from error
    except (OperationalError, psycopg.OperationalError) as error:
        if sqlstates.is_beyond_limits(error):
            raise
        if sqlstates.is_busy(error):
            raise DatabaseUnavailable("The database is too busy to answer in time; try again in a minute.") from error
        raise DatabaseUnavailable(
            "The database does not answer; check that PostgreSQL runs and that DATABASE_URL is right."
        ) from error


def _psycopg_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigError("DATABASE_URL is not an address; write postgresql://user:password@host/database") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError("DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/database")
    return url.set(drivername="postgresql+psycopg")


def _make_quick_engine(url: URL, role: str | None) -> Engine:
    return _make_engine(
        url,
        role,
        "-c statement_timeout=4s -c plan_cache_mode=force_generic_plan",
        pool_size=16,
        max_overflow=0,
        pool_timeout=3,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",  # the driver's own BEGIN and COMMIT would be two more round trips
    )


def _make_export_engine(url: URL, role: str | None) -> Engine:
    return _make_engine(
        url,
        role,
        # Counts PostgreSQL's own work only, not the time in which a browser keeps it waiting.
        "-c statement_timeout=300s -c default_transaction_read_only=on",
        # One snapshot serves all statements of a file, so its totals equal the sums of its rows.
        isolation_level="REPEATABLE READ",
        pool_size=MOST_EXPORTS,
        max_overflow=0,
        pool_timeout=3,
    )


def _make_engine(url: URL, role: str | None, options: str = "", **pool: Any) -> Engine:
    return create_engine(
        url,
        **{"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True, "pool_recycle": 1800} | pool,
        connect_args=_connect_args(role, options),
        # Errors end up in the log. A statement's values (addresses of people, sealed credentials) must not.
        hide_parameters=True,
    )


def _connect_args(role: str | None, more: str = "") -> dict[str, Any]:
    # No JIT: compiling costs more than it saves on statements of a few hundred milliseconds.
    # No workers either: pages read little at a time, and several readers would want more cores than there are.
    options = "-c timezone=UTC -c jit=off -c max_parallel_workers_per_gather=0"
    options += " -c statement_timeout=120s -c idle_in_transaction_session_timeout=300s"
    options = f"{options} {more}".strip()
    # A role given at connect is also what RESET ROLE returns to; SET ROLE afterwards would leave a moment of power.
    return {"connect_timeout": 10, "options": f"{options} -c role={role}" if role else options}


def _choose_role(url: URL) -> str | None:
    probe = _make_engine(url, role=None)
    try:
        with raising_unavailable(), probe.connect() as connection:
            return logins.choose_role(connection)
    finally:
        probe.dispose()


def _refuse_power(serving: Engine) -> None:
    """Check the rights on a connection of the very kind that the process will use."""
    with raising_unavailable(), serving.connect() as connection:
        logins.refuse_power(connection)
