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

from core.database import news, sqlstates
from core.database.engines import engine, pools, raising_unavailable

Statement = tuple[LiteralString, Mapping[str, Any]]
"""An SQL text with psycopg's placeholders, and their values."""


@contextmanager
def tenant_session(tenant_id: int) -> Iterator[Session]:
    """Open a session that sees and writes rows of this tenant only; it commits at the end, rolls back on an error.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _session({"tenant_id": int(tenant_id)}) as session:
        yield session


@contextmanager
def reading_session(tenant_id: int) -> Iterator[Session]:
    """Open a session as `tenant_session`, for questions over many rows.

    PostgreSQL plans each statement for its own tenant and period. After five calls it would plan for any tenant:
    for a few rows, which takes a minute where there are many.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with _session({"tenant_id": int(tenant_id), "is_reading": True}) as session:
        yield session


@contextmanager
def export_session(tenant_id: int) -> Iterator[Session]:
    """Open a session as `tenant_session`, for a file that a browser may read slowly.

    It uses one of `MOST_EXPORTS` connections kept for this, so that pages never wait for one.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer, or all of these connections are in use.
    """
    with _session({"tenant_id": int(tenant_id)}, pools().exports) as session:
        yield session


@contextmanager
def system_session() -> Iterator[Session]:
    """Open a session of no tenant, which sees only the narrow tables of sign-in and store routes."""
    with _session({}) as session:
        yield session


def run_at_once(tenant_id: int | None, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    """Run a few short statements as one transaction in one round trip; return the rows of each.

    For callers that must answer within seconds. `tenant_id` is None for statements of no tenant. The statements must
    be idempotent: connections are not tested before use, so a lost one is replaced and the statements run again.

    Raises:
        DatabaseUnavailable: PostgreSQL does not answer, or not within seconds.
    """
    quick = pools().quick
    with raising_unavailable():
        try:
            return _send(quick, tenant_id, statements)
        except psycopg.OperationalError as error:
            if not sqlstates.is_lost(error):
                raise
            quick.dispose()
            return _send(quick, tenant_id, statements)


news.listen(Session)


@event.listens_for(Session, "after_begin")
def _enter_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None:
        connection.exec_driver_sql(_set_tenant_sql(tenant_id))
    if session.info.get("is_reading"):
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def _set_tenant_sql(tenant_id: int) -> str:
    # A literal in SET LOCAL, not set_config(): a distributed PostgreSQL passes only the former on to its nodes.
    return f"SET LOCAL app.tenant_id = '{int(tenant_id)}'"


def _send(quick: Engine, tenant_id: int | None, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    pooled = quick.raw_connection()
    try:
        connection: psycopg.Connection[TupleRow] = pooled.driver_connection  # type: ignore[assignment]
        # Everything sent before a pipeline's end is one transaction. SET LOCAL would need BEGIN and COMMIT, because
        # PostgreSQL logs a warning for each one that begins a pipeline. Those two messages take a fifth longer.
        with connection.pipeline():
            if tenant_id is not None:
                connection.execute(
                    "SELECT set_config('app.tenant_id', %s, true)", [str(int(tenant_id))], prepare=True
                )
            cursors = [connection.execute(query, values, prepare=True) for query, values in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    except BaseException:
        # The connection may be in the middle of a transaction, so no other caller may get it.
        pooled.invalidate()
        raise
    finally:
        pooled.close()


@contextmanager
def _session(info: dict[str, int], pool: Engine | None = None) -> Iterator[Session]:
    with (
        raising_unavailable(),
        Session(pool or engine(), info=info, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session
