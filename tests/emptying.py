"""Empties the test database between tests.

TRUNCATE gives each table and index a new file, empty or not, and every session reads its catalogues again: a third of
a second of CPU for ninety tables. Most tests write a few rows, so those are deleted instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import psycopg
from psycopg import sql

ROOTS = (
    "tenants",
    "users",
    "sign_in_attempts",
    "registration_links",
    "rate_limits",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
)
"""Truncating these empties every table, because the others refer to them."""

LARGEST_BYTES = 1_000_000
"""A larger table is truncated: deleted rows keep their space until the next vacuum."""

_TABLES = """
WITH RECURSIVE emptied AS (
    SELECT unnest(%s::regclass[])::oid AS oid
    UNION
    SELECT referring.conrelid FROM pg_constraint referring JOIN emptied ON referring.confrelid = emptied.oid
    WHERE referring.contype = 'f'
)
SELECT oid::regclass::text FROM emptied JOIN pg_class USING (oid) WHERE NOT relispartition ORDER BY 1
"""


@dataclass
class _Emptier:
    """Empties the tables of one database over a connection of its own, which a test may end."""

    url: str
    connection: psycopg.Connection | None = field(default=None, repr=False)

    def empty(self) -> None:
        try:
            self._empty()
        except psycopg.OperationalError:
            self.close()
            self._empty()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _empty(self) -> None:
        if self.connection is None:
            self.connection = _connect(self.url)
        row = self.connection.execute("SELECT pg_temp.delete_rows()").fetchone()
        if row is None or not row[0]:
            self.connection.execute(f"TRUNCATE {', '.join(ROOTS)} CASCADE")


def empty_database(url: str) -> None:
    """Delete all rows and jobs; sequences go on, so that no id is used twice."""
    _emptier(url).empty()


def close_emptier(url: str) -> None:
    """Close the connection that `empty_database` keeps."""
    _emptier(url).close()


@cache
def _emptier(url: str) -> _Emptier:
    return _Emptier(url)


def _connect(url: str) -> psycopg.Connection:
    connection = psycopg.connect(url, autocommit=True)
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    # Others than superusers may neither skip the triggers nor see the rows of all tenants.
    may_delete = row is not None and row[0]
    if may_delete:
        connection.execute("SET session_replication_role = replica; SET jit = off")
    connection.execute(_delete_rows(connection) if may_delete else _REFUSE)
    return connection


_REFUSE = "CREATE FUNCTION pg_temp.delete_rows() RETURNS boolean LANGUAGE sql AS 'SELECT false'"


def _delete_rows(connection: psycopg.Connection) -> sql.Composable:
    """Make a function that deletes all rows, and returns whether every table is still small."""
    tables = [name for (name,) in connection.execute(_TABLES, [list(ROOTS)])]
    # The lock waits for transactions that still write, as TRUNCATE does.
    body = f"LOCK TABLE ONLY {', ONLY '.join(ROOTS)} IN EXCLUSIVE MODE; "
    body += " ".join(
        f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; "
        f"small := small AND pg_total_relation_size('{name}') < {LARGEST_BYTES}; END IF;"
        for name in tables
    )
    text = f"DECLARE small boolean := true; BEGIN {body} RETURN small; END"
    return sql.SQL("CREATE FUNCTION pg_temp.delete_rows() RETURNS boolean LANGUAGE plpgsql AS {}").format(
        sql.Literal(text)
    )
