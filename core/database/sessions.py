"""Sessions that belong to one tenant. The only place that sets a transaction's tenant.

Row-level security decides what a session may see. Its policies compare with `app.tenant_id`, which each transaction
sets, so nothing stays on a pooled connection; with no tenant set there are no rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from core.database import sqlstates
from core.database.engines import answering, engine, export_engine, quick_engine

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
    with _session({"tenant_id": int(tenant_id)}, export_engine(engine())) as session:
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
    quick = quick_engine(engine())
    with answering():
        try:
            return _send(quick, tenant_id, statements)
        except psycopg.OperationalError as error:
            if not sqlstates.is_lost(error):
                raise
            quick.dispose()
            return _send(quick, tenant_id, statements)


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
    with answering(), Session(over or engine(), info=info, expire_on_commit=False) as session, session.begin():
        yield session
