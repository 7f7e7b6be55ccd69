"""Announces to the web processes, by PostgreSQL's NOTIFY, that rows of a tenant or of a user's sessions changed.

The announcement is part of the writer's transaction: it is sent at the commit, and equal ones of one transaction are
sent once. It has ids only, no data.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Update, event, text
from sqlalchemy.engine import Result
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from core.database.models import CheckRun, Import, Membership, Remap, Store, SyncRun, User, UserSession

CHANNEL = "xeno_news"
ACCESS = "access"
"""The payload when a session, a membership or a theme changed. Else the payload is the tenant's id."""

_SHOWN = (Store, SyncRun, Import, CheckRun, Remap)
"""What open pages show of a store: its revision and state, and the progress of its runs."""
_ACCESS_COLUMNS = {UserSession: frozenset({"revoked_at", "role", "tenant_id"}), User: frozenset({"theme"})}
"""The columns whose change an open page has to know. The time at which a session was last used changes often."""


def listen(sessions: type[Session]) -> None:
    """Announce the changes of all sessions of this class."""
    event.listen(sessions, "after_flush", _announce_flush)
    event.listen(sessions, "do_orm_execute", _announce_statement)


def _announce_flush(session: Session, _context: UOWTransaction) -> None:
    changed = [*session.new, *session.dirty, *session.deleted]
    if any(isinstance(row, _SHOWN) for row in changed):
        _announce_tenant(session)
    if any(isinstance(row, Membership) for row in changed):
        _announce(session, ACCESS)


def _announce_statement(state: ORMExecuteState) -> Result[Any] | None:
    if not (state.is_update or state.is_insert or state.is_delete) or state.bind_mapper is None:
        return None
    table = state.bind_mapper.class_
    if table in _SHOWN:
        _announce_tenant(state.session)
    elif table is Membership or (table in _ACCESS_COLUMNS and _changes_access(state, _ACCESS_COLUMNS[table])):
        _announce(state.session, ACCESS)
    return None


def _changes_access(state: ORMExecuteState, columns: frozenset[str]) -> bool:
    statement = state.statement
    return not isinstance(statement, Update) or not columns.isdisjoint(statement.compile().params)


def _announce_tenant(session: Session) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is not None:
        _announce(session, str(tenant_id))


def _announce(session: Session, payload: str) -> None:
    session.connection().execute(
        text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
    )
